/** @param {import('./monitor-client.mjs').Maintenance} maintenance */
export const sentence = ({ service, reason, since, until }) =>
  `${service} is in maintenance since ${since}${until === null ? '' : `, until ${until}`}: ${reason}`;
