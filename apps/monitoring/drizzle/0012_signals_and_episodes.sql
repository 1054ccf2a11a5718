ALTER TABLE `openings` ADD `tampered` integer;--> statement-breakpoint
ALTER TABLE `openings` ADD `battery_low` integer;--> statement-breakpoint
-- Its values 0 (CLOSED) and 1 (OPEN) stay.
ALTER TABLE `readings` RENAME COLUMN `open` TO `code`;--> statement-breakpoint
ALTER TABLE `readings` ADD `tampered` integer;--> statement-breakpoint
ALTER TABLE `readings` ADD `battery_low` integer;--> statement-breakpoint
CREATE INDEX `readings_tampered` ON `readings` (`opening_id`,`tampered`,`at`,`id`) WHERE "readings"."tampered" is not null and "readings"."code" < 4;--> statement-breakpoint
CREATE INDEX `readings_battery_low` ON `readings` (`opening_id`,`battery_low`,`at`,`id`) WHERE "readings"."battery_low" is not null and "readings"."code" < 4;--> statement-breakpoint
ALTER TABLE `alarms` RENAME COLUMN `start_id` TO `start_key`;--> statement-breakpoint
ALTER TABLE `alarms` ADD `started_at` integer NOT NULL DEFAULT 0;--> statement-breakpoint
ALTER TABLE `alarms` ADD `window_ends_at` integer;--> statement-breakpoint
-- An interval starts at the instant of its reading. If that is removed with old history, the interval itself is stored.
UPDATE `alarms` SET `started_at` = coalesce(
	(SELECT `at` FROM `readings` WHERE `readings`.`opening_id` = `alarms`.`opening_id` AND `readings`.`id` = `alarms`.`start_key`),
	(SELECT `started_at` FROM `intervals` WHERE `intervals`.`opening_id` = `alarms`.`opening_id` AND `intervals`.`start_id` = `alarms`.`start_key`),
	unixepoch(`raised_at`) * 1000 + CAST(substr(`raised_at`, -4, 3) AS INTEGER)
);--> statement-breakpoint
DROP INDEX `alarms_interval`;--> statement-breakpoint
CREATE INDEX `alarms_start` ON `alarms` (`opening_id`,`kind`,`started_at`);--> statement-breakpoint
CREATE INDEX `alarms_active` ON `alarms` (`opening_id`,`started_at`) WHERE "alarms"."status" = 'ACTIVE';--> statement-breakpoint
CREATE TABLE `signal_intervals` (
	`opening_id` integer NOT NULL,
	`signal` text NOT NULL,
	`started_at` integer NOT NULL,
	`start_id` text NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`opening_id`, `signal`, `started_at`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `signal_intervals` (`opening_id`, `signal`, `started_at`, `start_id`, `ended_at`)
SELECT `opening_id`, 'OPEN', `started_at`, `start_id`, `ended_at` FROM `intervals` ORDER BY `opening_id`, `started_at`;--> statement-breakpoint
DROP TABLE `intervals`;--> statement-breakpoint
ALTER TABLE `signal_intervals` RENAME TO `intervals`;--> statement-breakpoint
CREATE TABLE `unevaluated_episodes` (
	`opening_id` integer NOT NULL,
	`subject` text NOT NULL,
	`start_key` text NOT NULL,
	`started_at` integer NOT NULL,
	`until` integer,
	PRIMARY KEY(`opening_id`, `subject`, `start_key`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `unevaluated_episodes` (`opening_id`, `subject`, `start_key`, `started_at`)
SELECT `opening_id`, 'OPEN', `start_id`, `started_at` FROM `unevaluated_intervals`;--> statement-breakpoint
DROP TABLE `unevaluated_intervals`;--> statement-breakpoint
CREATE INDEX `rule_versions_silence` ON `rule_versions` (`opening_id`) WHERE "rule_versions"."silent_after_seconds" is not null;--> statement-breakpoint
CREATE INDEX `rule_versions_open_by` ON `rule_versions` (`opening_id`) WHERE "rule_versions"."calendar_id" is not null or instr("rule_versions"."windows", '"openBy":"');--> statement-breakpoint
ALTER TABLE `timers` ADD `evaluated_until` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `timers` ADD `needs_open` integer DEFAULT true NOT NULL;
