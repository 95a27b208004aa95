// The same for k6, by its older WebSocket module.
import ws from "k6/ws";

const seconds = Number(__ENV.SECONDS);

export default function () {
  const end = Date.now() + seconds * 1000;
  ws.connect(__ENV.TARGET, {}, (socket) => {
    socket.on("open", () => socket.send("a message of 32 bytes, like many"));
    socket.on("message", () => {
      if (Date.now() < end) socket.send("a message of 32 bytes, like many");
      else socket.close();
    });
  });
}
