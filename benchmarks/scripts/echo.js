// The same for k6, by its WebSocket module of today.
import { WebSocket } from "k6/websockets";

const seconds = Number(__ENV.SECONDS);

export default function () {
  const end = Date.now() + seconds * 1000;
  const socket = new WebSocket(__ENV.TARGET);
  socket.onopen = () => socket.send("a message of 32 bytes, like many");
  socket.onmessage = () => {
    if (Date.now() < end) socket.send("a message of 32 bytes, like many");
    else socket.close();
  };
}
