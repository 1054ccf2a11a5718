ALTER TABLE `audit_entries` ADD `device` text;
--> statement-breakpoint
DROP TRIGGER `audit_entries_are_constant`;
--> statement-breakpoint
CREATE TRIGGER `audit_entries_are_constant` BEFORE UPDATE ON `audit_entries`
WHEN NOT (
	old.`sequence` IS new.`sequence` AND old.`at` IS new.`at` AND old.`action` IS new.`action`
	AND old.`outcome` IS new.`outcome` AND old.`role` IS new.`role` AND old.`count` IS new.`count`
	AND old.`first_at` IS new.`first_at` AND old.`last_at` IS new.`last_at`
	AND old.`actor_hash` IS new.`actor_hash` AND old.`subject_hash` IS new.`subject_hash` AND old.`hash` IS new.`hash`
	AND (
		coalesce(new.`actor_salt`, new.`actor`, new.`device`, new.`address`) IS NULL
		OR (
			old.`actor_salt` IS new.`actor_salt` AND old.`actor` IS new.`actor` AND old.`device` IS new.`device`
			AND old.`address` IS new.`address`
		)
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
