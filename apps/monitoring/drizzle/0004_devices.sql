CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`openings` text,
	`created_at` text NOT NULL,
	`revoked_at` text,
	`updated_at` text NOT NULL,
	`version` integer NOT NULL,
	`last_seen_at` text,
	`repeated_requests` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `devices_of_user` ON `devices` (`user_id`) WHERE "devices"."revoked_at" is null;