CREATE TABLE `audit_pruning` (
	`id` integer PRIMARY KEY NOT NULL,
	`sequence` integer NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `unevaluated_intervals` (
	`opening_id` integer NOT NULL,
	`start_id` text NOT NULL,
	`started_at` integer NOT NULL,
	PRIMARY KEY(`opening_id`, `start_id`)
) WITHOUT ROWID;
--> statement-breakpoint
DROP TRIGGER `audit_entries_are_kept`;
--> statement-breakpoint
CREATE TRIGGER `audit_entries_are_kept` BEFORE DELETE ON `audit_entries`
WHEN NOT EXISTS (SELECT 1 FROM `audit_pruning` WHERE `sequence` >= old.`sequence`)
BEGIN SELECT raise(abort, 'entries of the audit trail cannot be deleted'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_pruning_starts_at_entry` BEFORE INSERT ON `audit_pruning`
WHEN new.`id` IS NOT 1
	OR NOT EXISTS (SELECT 1 FROM `audit_entries` WHERE `sequence` = new.`sequence` AND `hash` = new.`hash`)
BEGIN SELECT raise(abort, 'the audit trail can be pruned only up to one of its entries'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_pruning_advances` BEFORE UPDATE ON `audit_pruning`
WHEN new.`id` IS NOT 1 OR new.`sequence` < old.`sequence`
	OR NOT EXISTS (SELECT 1 FROM `audit_entries` WHERE `sequence` = new.`sequence` AND `hash` = new.`hash`)
BEGIN SELECT raise(abort, 'the audit trail can be pruned only up to one of its entries'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_pruning_is_kept` BEFORE DELETE ON `audit_pruning`
BEGIN SELECT raise(abort, 'the record of what was pruned cannot be deleted'); END;
