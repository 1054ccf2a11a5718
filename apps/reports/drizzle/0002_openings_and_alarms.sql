CREATE TABLE `alarms` (
	`id` text PRIMARY KEY NOT NULL,
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
	`reason` text NOT NULL,
	`updated_at` text NOT NULL,
	`version` integer NOT NULL,
	`change` text NOT NULL,
	`changed_position` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `alarms_by_raising` ON `alarms` (`raised_at`,`id`,`status`);--> statement-breakpoint
CREATE INDEX `alarms_of_user` ON `alarms` (`user_id`,`raised_at`,`id`,`status`);--> statement-breakpoint
CREATE INDEX `alarms_of_user_opening` ON `alarms` (`user_id`,`opening`,`raised_at`,`id`,`status`);--> statement-breakpoint
CREATE INDEX `alarms_of_opening` ON `alarms` (`opening`,`raised_at`,`id`,`status`);--> statement-breakpoint
CREATE INDEX `alarms_of_rule` ON `alarms` (`rule_id`,`raised_at`,`id`,`status`);--> statement-breakpoint
CREATE INDEX `alarms_of_kind` ON `alarms` (`kind`,`raised_at`,`id`);--> statement-breakpoint
CREATE INDEX `alarms_of_severity` ON `alarms` (`severity`,`raised_at`,`id`);--> statement-breakpoint
CREATE INDEX `alarms_acknowledged` ON `alarms` (`raised_at`,`id`) WHERE "alarms"."acknowledged_at" is not null;--> statement-breakpoint
CREATE INDEX `alarms_unacknowledged` ON `alarms` (`raised_at`,`id`) WHERE "alarms"."acknowledged_at" is null;--> statement-breakpoint
CREATE INDEX `alarms_active` ON `alarms` (`raised_at`,`id`) WHERE "alarms"."status" = 'ACTIVE';--> statement-breakpoint
CREATE INDEX `alarms_active_of_user` ON `alarms` (`user_id`,`raised_at`,`id`) WHERE "alarms"."status" = 'ACTIVE';--> statement-breakpoint
CREATE INDEX `alarms_retracted` ON `alarms` (`raised_at`,`id`) WHERE "alarms"."status" = 'RETRACTED';--> statement-breakpoint
CREATE INDEX `alarms_by_change` ON `alarms` (`changed_position`);--> statement-breakpoint
CREATE INDEX `alarms_of_user_by_change` ON `alarms` (`user_id`,`changed_position`);--> statement-breakpoint
CREATE TABLE `intervals` (
	`opening_id` integer NOT NULL,
	`start_id` text NOT NULL,
	`started_at` text,
	`ended_at` text,
	`changed_position` integer NOT NULL,
	PRIMARY KEY(`opening_id`, `start_id`)
);
--> statement-breakpoint
CREATE INDEX `intervals_by_start` ON `intervals` (`opening_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `openings` (
	`id` integer PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`state` text,
	`since` text,
	`changed_position` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `openings_of_user` ON `openings` (`user_id`,`name`);--> statement-breakpoint
INSERT INTO `openings` (`user_id`, `name`, `changed_position`) SELECT DISTINCT `user_id`, `opening`, 0 FROM `rules`;
