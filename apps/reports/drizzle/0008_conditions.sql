CREATE TABLE `calendars` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`dates` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`deleted_at` text,
	`version` integer NOT NULL,
	`changed_position` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `calendars_of_user` ON `calendars` (`user_id`,`created_at`,`id`) WHERE "calendars"."deleted_at" is null;--> statement-breakpoint
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
	`ends_at` text NOT NULL,
	`changed_position` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `exceptions_of_user` ON `exceptions` (`user_id`,`ends_at`,`id`);--> statement-breakpoint
-- WITHOUT ROWID and 'OPEN' below are written by hand.
CREATE TABLE `heard_instants` (
	`opening_id` integer NOT NULL,
	`at` integer NOT NULL,
	`is_heard` integer NOT NULL,
	`changed_position` integer NOT NULL,
	PRIMARY KEY(`opening_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_intervals` (
	`opening_id` integer NOT NULL,
	`signal` text NOT NULL,
	`start_id` text NOT NULL,
	`started_at` text,
	`ended_at` text,
	`changed_position` integer NOT NULL,
	PRIMARY KEY(`opening_id`, `signal`, `start_id`)
);
--> statement-breakpoint
INSERT INTO `__new_intervals`("opening_id", "signal", "start_id", "started_at", "ended_at", "changed_position") SELECT "opening_id", 'OPEN', "start_id", "started_at", "ended_at", "changed_position" FROM `intervals`;--> statement-breakpoint
DROP TABLE `intervals`;--> statement-breakpoint
ALTER TABLE `__new_intervals` RENAME TO `intervals`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `intervals_by_start` ON `intervals` (`opening_id`,`signal`,`started_at`);--> statement-breakpoint
ALTER TABLE `openings` ADD `tampered` integer;--> statement-breakpoint
ALTER TABLE `openings` ADD `battery_low` integer;--> statement-breakpoint
ALTER TABLE `rules` ADD `windows` text;--> statement-breakpoint
ALTER TABLE `rules` ADD `calendar_id` text;--> statement-breakpoint
ALTER TABLE `rules` ADD `grace_seconds` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `rules` ADD `active_windows` text;--> statement-breakpoint
ALTER TABLE `rules` ADD `silent_after_seconds` integer;--> statement-breakpoint
ALTER TABLE `rules` ADD `on_tamper` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `rules` ADD `on_battery_low` integer DEFAULT false NOT NULL;--> statement-breakpoint
-- Written by hand. The text is that of JSON.stringify, so that the verification finds equal rows equal.
UPDATE `rules` SET `windows` = json_array(json_object('days', json(`days`), 'opensAt', `opens_at`, 'closesAt', `closes_at`, 'openBy', NULL)) WHERE `opens_at` IS NOT NULL;--> statement-breakpoint
ALTER TABLE `rules` DROP COLUMN `opens_at`;--> statement-breakpoint
ALTER TABLE `rules` DROP COLUMN `closes_at`;--> statement-breakpoint
ALTER TABLE `rules` DROP COLUMN `days`;