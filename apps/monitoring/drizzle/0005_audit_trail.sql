CREATE TABLE `audit_entries` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` text NOT NULL,
	`action` text NOT NULL,
	`outcome` text NOT NULL,
	`role` text,
	`count` integer NOT NULL,
	`first_at` text NOT NULL,
	`last_at` text NOT NULL,
	`actor_salt` text,
	`actor` text,
	`address` text,
	`subject_salt` text,
	`user_id` text,
	`subject` text,
	`before` text,
	`after` text,
	`actor_hash` text NOT NULL,
	`subject_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_entries_actor` ON `audit_entries` (`actor`);--> statement-breakpoint
CREATE INDEX `audit_entries_user` ON `audit_entries` (`user_id`);--> statement-breakpoint
CREATE TABLE `erased_openings` (
	`opening_id` integer PRIMARY KEY NOT NULL,
	`erasure_id` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `erasures` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text,
	`pseudonym` text NOT NULL,
	`salt` text NOT NULL,
	`requested_at` text NOT NULL,
	`position` integer,
	`audit_sequence` integer,
	`erased_position` integer DEFAULT 0 NOT NULL,
	`completed_at` text
);
--> statement-breakpoint
CREATE INDEX `rules_user` ON `rules` (`user_id`);
--> statement-breakpoint
CREATE TRIGGER `audit_entries_are_kept` BEFORE DELETE ON `audit_entries`
BEGIN SELECT raise(abort, 'entries of the audit trail cannot be deleted'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_entries_are_constant` BEFORE UPDATE ON `audit_entries`
WHEN NOT (
	old.`sequence` IS new.`sequence` AND old.`at` IS new.`at` AND old.`action` IS new.`action`
	AND old.`outcome` IS new.`outcome` AND old.`role` IS new.`role` AND old.`count` IS new.`count`
	AND old.`first_at` IS new.`first_at` AND old.`last_at` IS new.`last_at`
	AND old.`actor_hash` IS new.`actor_hash` AND old.`subject_hash` IS new.`subject_hash` AND old.`hash` IS new.`hash`
	AND (
		coalesce(new.`actor_salt`, new.`actor`, new.`address`) IS NULL
		OR (old.`actor_salt` IS new.`actor_salt` AND old.`actor` IS new.`actor` AND old.`address` IS new.`address`)
	)
	AND (
		coalesce(new.`subject_salt`, new.`user_id`, new.`subject`, new.`before`, new.`after`) IS NULL
		OR (
			old.`subject_salt` IS new.`subject_salt` AND old.`user_id` IS new.`user_id` AND old.`subject` IS new.`subject`
			AND old.`before` IS new.`before` AND old.`after` IS new.`after`
		)
	)
)
BEGIN SELECT raise(abort, 'entries of the audit trail cannot be changed'); END;
