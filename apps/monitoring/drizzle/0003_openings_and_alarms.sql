CREATE TABLE `alarms` (
	`id` text PRIMARY KEY NOT NULL,
	`opening_id` integer NOT NULL,
	`start_id` text NOT NULL,
	`rule_id` text NOT NULL,
	`user_id` text NOT NULL,
	`opening` text NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`status` text NOT NULL,
	`raised_at` text NOT NULL,
	`cleared_at` text,
	`acknowledged_at` text,
	`acknowledged_by` text,
	`note` text,
	`cause` text NOT NULL,
	`reason` text NOT NULL,
	`updated_at` text NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `alarms_interval` ON `alarms` (`opening_id`,`start_id`);--> statement-breakpoint
CREATE TABLE `catch_ups` (
	`rule_id` text PRIMARY KEY NOT NULL,
	`opening_id` integer NOT NULL,
	`next_start` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `intervals` (
	`opening_id` integer NOT NULL,
	`started_at` integer NOT NULL,
	`start_id` text NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`opening_id`, `started_at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `openings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`state` text,
	`since` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `openings_name` ON `openings` (`user_id`,`name`);--> statement-breakpoint
CREATE TABLE `readings` (
	`opening_id` integer NOT NULL,
	`open` integer NOT NULL,
	`at` integer NOT NULL,
	`id` text NOT NULL,
	`effective` integer NOT NULL,
	PRIMARY KEY(`opening_id`, `open`, `at`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `readings_id` ON `readings` (`opening_id`,`id`);--> statement-breakpoint
CREATE INDEX `readings_early` ON `readings` (`at`) WHERE not "readings"."effective";--> statement-breakpoint
CREATE TABLE `rule_versions` (
	`rule_id` text NOT NULL,
	`opening_id` integer NOT NULL,
	`valid_from` integer NOT NULL,
	`valid_until` integer NOT NULL,
	`opens_at` text,
	`closes_at` text,
	`days` text NOT NULL,
	`time_zone` text NOT NULL,
	`max_open_seconds` integer,
	PRIMARY KEY(`rule_id`, `valid_from`)
);
--> statement-breakpoint
CREATE INDEX `rule_versions_opening` ON `rule_versions` (`opening_id`,`valid_until`);--> statement-breakpoint
CREATE TABLE `timers` (
	`opening_id` integer NOT NULL,
	`rule_id` text NOT NULL,
	`due` integer NOT NULL,
	PRIMARY KEY(`opening_id`, `rule_id`)
);
--> statement-breakpoint
CREATE INDEX `timers_due` ON `timers` (`due`);--> statement-breakpoint
CREATE TABLE `zone_data` (
	`version` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
-- What rules there are begin to judge: each version of the log for as long as it held.
INSERT INTO `openings` (`user_id`, `name`) SELECT DISTINCT `user_id`, `opening` FROM `rules`;
--> statement-breakpoint
INSERT INTO `rule_versions`
WITH `changes` AS (
	SELECT
		json_extract(`data`, '$.rule.id') AS `rule_id`,
		`data` ->> '$.rule.userId' AS `user_id`,
		`data` ->> '$.rule.opening' AS `opening`,
		`data` -> '$.rule' AS `rule`,
		`data` ->> '$.rule.enabled' AND `data` ->> '$.rule.deletedAt' IS NULL AS `holds`,
		unixepoch(`data` ->> '$.rule.updatedAt') * 1000 + CAST(substr(`data` ->> '$.rule.updatedAt', -4, 3) AS INTEGER) AS `changed_at`,
		unixepoch(`data` ->> '$.rule.effectiveFrom') * 1000 + CAST(substr(`data` ->> '$.rule.effectiveFrom', -4, 3) AS INTEGER) AS `effective_from`,
		`position`
	FROM `events` WHERE `type` IN ('RuleCreated', 'RuleUpdated', 'RuleDeleted')
), `versions` AS (
	SELECT *,
		CASE WHEN `rule` ->> '$.version' = 1 THEN `effective_from` ELSE max(`changed_at`, `effective_from`) END AS `valid_from`,
		coalesce(lead(`changed_at`) OVER (PARTITION BY `rule_id` ORDER BY `position`), 8640000000000000) AS `valid_until`
	FROM `changes`
)
SELECT `rule_id`, `openings`.`id`, `valid_from`, `valid_until`,
	`rule` ->> '$.opensAt', `rule` ->> '$.closesAt', `rule` -> '$.days', `rule` ->> '$.timeZone', `rule` ->> '$.maxOpenSeconds'
FROM `versions` JOIN `openings` ON `openings`.`user_id` = `versions`.`user_id` AND `openings`.`name` = `versions`.`opening`
WHERE `holds` AND `valid_from` < `valid_until`;
--> statement-breakpoint
DROP INDEX `events_rule`;--> statement-breakpoint
ALTER TABLE `events` DROP COLUMN `rule_id`;