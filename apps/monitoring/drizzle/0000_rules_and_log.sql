CREATE TABLE `events` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`type` text NOT NULL,
	`version` integer NOT NULL,
	`at` text NOT NULL,
	`rule_id` text NOT NULL,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_rule` ON `events` (`rule_id`);--> statement-breakpoint
CREATE TABLE `log` (
	`id` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rules` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
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
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `rules_name` ON `rules` (`user_id`,`opening`,`name`) WHERE "rules"."deleted_at" is null;