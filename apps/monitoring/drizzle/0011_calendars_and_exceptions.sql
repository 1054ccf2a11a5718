CREATE TABLE `calendar_versions` (
	`calendar_id` text NOT NULL,
	`valid_from` integer NOT NULL,
	`digest` text NOT NULL,
	`dates` text NOT NULL,
	PRIMARY KEY(`calendar_id`, `valid_from`)
);
--> statement-breakpoint
CREATE TABLE `calendars` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`dates` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`deleted_at` text,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `calendars_name` ON `calendars` (`user_id`,`name`) WHERE "calendars"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `calendars_user` ON `calendars` (`user_id`);--> statement-breakpoint
CREATE TABLE `exceptions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`openings` text,
	`effect` text NOT NULL,
	`from` text NOT NULL,
	`until` text NOT NULL,
	`reason` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`cancelled_at` text,
	`updated_at` text NOT NULL,
	`version` integer NOT NULL,
	`ends_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `exceptions_end` ON `exceptions` (`user_id`,`ends_at`);--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `decided_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `windows` text;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `calendar_id` text;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `grace_seconds` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `active_windows` text;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `silent_after_seconds` integer;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `on_tamper` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `rule_versions` ADD `on_battery_low` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `rules` ADD `windows` text;--> statement-breakpoint
ALTER TABLE `rules` ADD `calendar_id` text;--> statement-breakpoint
ALTER TABLE `rules` ADD `grace_seconds` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `rules` ADD `active_windows` text;--> statement-breakpoint
ALTER TABLE `rules` ADD `silent_after_seconds` integer;--> statement-breakpoint
ALTER TABLE `rules` ADD `on_tamper` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `rules` ADD `on_battery_low` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `rules_calendar` ON `rules` (`calendar_id`) WHERE "rules"."calendar_id" is not null and "rules"."deleted_at" is null;--> statement-breakpoint
-- The window of a rule becomes its list of windows.
UPDATE `rule_versions` SET `windows` = json_array(json_object(
	'days', json(`days`), 'opensAt', `opens_at`, 'closesAt', `closes_at`, 'openBy', NULL
)) WHERE `opens_at` IS NOT NULL;--> statement-breakpoint
-- The window of a rule becomes its list of windows.
UPDATE `rules` SET `windows` = json_array(json_object(
	'days', json(`days`), 'opensAt', `opens_at`, 'closesAt', `closes_at`, 'openBy', NULL
)) WHERE `opens_at` IS NOT NULL;--> statement-breakpoint
ALTER TABLE `rule_versions` DROP COLUMN `opens_at`;--> statement-breakpoint
ALTER TABLE `rule_versions` DROP COLUMN `closes_at`;--> statement-breakpoint
ALTER TABLE `rule_versions` DROP COLUMN `days`;--> statement-breakpoint
ALTER TABLE `rules` DROP COLUMN `opens_at`;--> statement-breakpoint
ALTER TABLE `rules` DROP COLUMN `closes_at`;--> statement-breakpoint
ALTER TABLE `rules` DROP COLUMN `days`;