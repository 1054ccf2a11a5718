CREATE TABLE `checkpoint` (
	`id` integer PRIMARY KEY NOT NULL,
	`log_id` text,
	`position` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rules` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`search_name` text NOT NULL,
	`opening` text NOT NULL,
	`opens_at` text,
	`closes_at` text,
	`days` text NOT NULL,
	`time_zone` text NOT NULL,
	`max_open_seconds` integer,
	`severity` text NOT NULL,
	`enabled` integer NOT NULL,
	`effective_from` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`deleted_at` text,
	`version` integer NOT NULL,
	`created_position` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rules_by_age` ON `rules` (`created_position`) WHERE "rules"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `rules_of_user` ON `rules` (`user_id`,`created_position`) WHERE "rules"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `rules_of_user_opening` ON `rules` (`user_id`,`opening`,`created_position`) WHERE "rules"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `rules_of_opening` ON `rules` (`opening`,`created_position`) WHERE "rules"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `rules_disabled` ON `rules` (`created_position`) WHERE "rules"."deleted_at" is null and "rules"."enabled" = 0;--> statement-breakpoint
CREATE TABLE `set_aside` (
	`position` integer PRIMARY KEY NOT NULL,
	`log_id` text NOT NULL,
	`type` text NOT NULL,
	`version` integer NOT NULL,
	`at` text NOT NULL,
	`data` text,
	`reason` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL
);
