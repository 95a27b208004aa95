"""A server that accepts slowly: `python slow_accept.py BACKLOG LOG`. Each connection has one request."""

import logging
import socket
import sys
import threading
import time

BODY = b'{"answer": "done!"}'
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(BODY), BODY)
BAD = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def serve(connection: socket.socket, number: int) -> None:
    """One request; every three hundredth fails, which is not what matters here."""
    with connection:
        connection.settimeout(10)
        try:
            connection.recv(65536)
            connection.sendall(BAD if number % 300 == 299 else GOOD)
        except OSError:
            return
        if number % 300 == 299:
            logging.error("Unhandled error in request %d", number)


def main() -> None:
    """Accept one connection every few milliseconds."""
    logging.basicConfig(
        filename=sys.argv[2], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=int(sys.argv[1]))
    print(listener.getsockname()[1], flush=True)
    number = 0
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, number), daemon=True).start()
        number += 1
        time.sleep(0.012)


if __name__ == "__main__":
    main()
