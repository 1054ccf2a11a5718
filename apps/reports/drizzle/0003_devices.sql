CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`openings` text,
	`created_at` text NOT NULL,
	`revoked_at` text,
	`updated_at` text NOT NULL,
	`version` integer NOT NULL,
	`created_position` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `devices_of_user` ON `devices` (`user_id`,`created_position`) WHERE "devices"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX `devices_revoked_of_user` ON `devices` (`user_id`,`created_position`) WHERE "devices"."revoked_at" is not null;