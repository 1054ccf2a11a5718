ALTER TABLE "zone_data" ADD COLUMN "last_opening_id" bigint;--> statement-breakpoint
ALTER TABLE "zone_data" ADD COLUMN "evaluated_until" bigint;