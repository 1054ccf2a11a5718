/**
 * The request header in which the gateway tells a subgraph how long it still waits for the response: whole milliseconds,
 * from when it sends the request. A duration needs no common clock. The subgraph stops working when the time is over.
 */
export const DEADLINE_HEADER = 'x-abc-deadline';

/**
 * The request header in which the gateway tells a subgraph the IP address of its client, for the audit trail. Subgraphs
 * accept requests from the gateway only.
 */
export const CLIENT_ADDRESS_HEADER = 'x-abc-client-address';
