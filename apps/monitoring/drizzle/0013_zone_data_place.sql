ALTER TABLE `zone_data` ADD `last_opening_id` integer;--> statement-breakpoint
ALTER TABLE `zone_data` ADD `evaluated_until` integer;