import { useEffect, useState } from 'react';
import { socket } from './client';

/** Whether the WebSocket is open: what it said may be out of date while it is not. */
export function useConnected(): boolean {
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const stop = [
      socket.on('connected', () => setConnected(true)),
      socket.on('closed', () => setConnected(false)),
    ];
    return () => stop.forEach((each) => each());
  }, []);
  return connected;
}
