ALTER TABLE `rules` ADD `changed_position` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `rules_by_change` ON `rules` (`changed_position`);--> statement-breakpoint
CREATE INDEX `rules_of_user_by_change` ON `rules` (`user_id`,`changed_position`);