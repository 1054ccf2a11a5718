ALTER TABLE `alarms` ADD `claimed_by` text;--> statement-breakpoint
ALTER TABLE `alarms` ADD `claimed_at` text;--> statement-breakpoint
ALTER TABLE `alarms` ADD `claim_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `alarms` ADD `resolution` text;--> statement-breakpoint
ALTER TABLE `alarms` ADD `comment_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `alarms` ADD `needs_resolution` integer DEFAULT false NOT NULL;