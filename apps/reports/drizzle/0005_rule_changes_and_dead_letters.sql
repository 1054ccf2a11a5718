ALTER TABLE `rules` ADD `changed_position` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- The last change of earlier rules is not known; their creation comes before it.
UPDATE `rules` SET `changed_position` = `created_position`;--> statement-breakpoint
CREATE INDEX `rules_by_change` ON `rules` (`changed_position`);--> statement-breakpoint
ALTER TABLE `set_aside` ADD `attempts` integer;--> statement-breakpoint
ALTER TABLE `set_aside` ADD `set_aside_at` text;
