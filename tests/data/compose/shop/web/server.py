"""A page that counts its visits in Redis, in the standard library alone."""

import os
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        with socket.create_connection((os.environ["STORE"], 6379), 5) as redis:
            redis.sendall(b"INCR visits\r\n")
            number = redis.recv(100).decode().strip(":\r\n")
        body = f"visits: {number}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *words):
        print(format % words)


print("serving")
HTTPServer(("", 80), Page).serve_forever()
