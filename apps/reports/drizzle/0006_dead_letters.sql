ALTER TABLE `set_aside` ADD `attempts` integer;--> statement-breakpoint
ALTER TABLE `set_aside` ADD `set_aside_at` text;