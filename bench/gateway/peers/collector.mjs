// Stands in for an OpenTelemetry collector: accepts traces and forgets them.
import { createServer } from 'node:http';

createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
}).listen(Number(process.env.PORT), '127.0.0.1');
