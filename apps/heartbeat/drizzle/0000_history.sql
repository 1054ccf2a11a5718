CREATE TABLE `maintenance` (
	`service` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`since` integer NOT NULL,
	`until` integer
);
--> statement-breakpoint
CREATE TABLE `transitions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`service` text NOT NULL,
	`from` text NOT NULL,
	`to` text NOT NULL,
	`at` integer NOT NULL,
	`reason` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `transitions_of_service` ON `transitions` (`service`);--> statement-breakpoint
CREATE TABLE `watch` (
	`id` integer PRIMARY KEY NOT NULL,
	`alive_at` integer NOT NULL,
	`services` text NOT NULL
);
