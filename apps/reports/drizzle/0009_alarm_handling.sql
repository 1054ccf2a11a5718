CREATE TABLE `alarm_timeline` (
	`id` integer PRIMARY KEY NOT NULL,
	`alarm_id` text NOT NULL,
	`version` integer NOT NULL,
	`kind` text NOT NULL,
	`at` text NOT NULL,
	`by` text,
	`status` text NOT NULL,
	`text` text,
	`code` text,
	`ended_at` text,
	`position` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alarm_timeline_of_alarm` ON `alarm_timeline` (`alarm_id`,`version`);--> statement-breakpoint
ALTER TABLE `alarms` ADD `claimed_by` text;--> statement-breakpoint
ALTER TABLE `alarms` ADD `claimed_at` text;--> statement-breakpoint
ALTER TABLE `alarms` ADD `claim_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `alarms` ADD `resolution` text;--> statement-breakpoint
ALTER TABLE `alarms` ADD `comment_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `alarms` ADD `needs_resolution` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `alarms` ADD `queue_rank` integer;--> statement-breakpoint
CREATE INDEX `alarms_queued` ON `alarms` (`queue_rank`,`raised_at`,`id`) WHERE "alarms"."queue_rank" is not null;--> statement-breakpoint
CREATE INDEX `alarms_queued_of_user` ON `alarms` (`user_id`,`queue_rank`,`raised_at`,`id`,`claimed_by`) WHERE "alarms"."queue_rank" is not null;--> statement-breakpoint
CREATE INDEX `alarms_queued_by_claim` ON `alarms` (`claimed_by`,`queue_rank`,`raised_at`,`id`) WHERE "alarms"."queue_rank" is not null;