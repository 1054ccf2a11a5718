CREATE TABLE `former_epochs` (
	`log_id` text PRIMARY KEY NOT NULL,
	`end_position` integer NOT NULL,
	`ended_at` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `events` ADD `mark` text;--> statement-breakpoint
ALTER TABLE `log` ADD `replaces_stream` integer DEFAULT false NOT NULL;