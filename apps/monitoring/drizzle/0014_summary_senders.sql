CREATE TABLE `summary_senders` (
	`id` text PRIMARY KEY NOT NULL,
	`last_batch` integer NOT NULL,
	`at` text NOT NULL
);
