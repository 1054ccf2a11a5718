import type { Maintenance } from '../domain/maintenance.js';

/** What is in maintenance, kept over restarts. What was saved survives a power cut. */
export interface MaintenanceStore {
  all(): Promise<Maintenance[]>;
  put(maintenance: Maintenance): Promise<void>;
  remove(service: string): Promise<void>;
}
