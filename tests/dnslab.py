"""What runs inside containers to try out names: a program that asks, and a name server to be asked.

Both are for the course's python image and need nothing else.
"""

ASK = r"""
import json, socket, struct, sys

def message(name, kind=1, id=0x1234, flags=0x100):
    head = struct.pack('!6H', id, flags, 1, 0, 0, 0)
    labels = [label.encode() for label in name.split('.') if label]
    name = b''.join(bytes([len(label)]) + label for label in labels)
    return head + name + b'\0' + struct.pack('!HH', kind, 1)

def exchange(data, seconds=5):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(seconds)
        s.sendto(data, ('127.0.0.11', 53))
        try:
            return s.recv(65535)
        except OSError:
            return b''

def by_tcp(data):
    with socket.create_connection(('127.0.0.11', 53), 5) as s:
        s.sendall(struct.pack('!H', len(data)) + data)
        with s.makefile('rb') as file:
            (length,) = struct.unpack('!H', file.read(2))
            return file.read(length)

def name_at(data, at):
    labels = []
    while data[at]:
        if data[at] >= 0xC0:
            at = struct.unpack_from('!H', data, at)[0] & 0x3FFF
            continue
        labels.append(data[at + 1 : at + 1 + data[at]].decode())
        at += 1 + data[at]
    return '.'.join(labels)

def skip(data, at):
    while data[at]:
        if data[at] >= 0xC0:
            return at + 2
        at += 1 + data[at]
    return at + 1

def read(data):
    if not data:
        return None
    id, flags, questions, answers, _, _ = struct.unpack_from('!6H', data)
    at, found, ttls = 12, [], set()
    for _ in range(questions):
        at = skip(data, at) + 4
    for _ in range(answers):
        at = skip(data, at)
        kind, _, ttl, length = struct.unpack_from('!HHIH', data, at)
        at += 10
        content = data[at : at + length]
        found.append(socket.inet_ntoa(content) if kind == 1 else name_at(data, at))
        ttls.add(ttl)
        at += length
    return {'id': id, 'code': flags & 15, 'cut': bool(flags & 0x200), 'flags': flags & 0xFDF0,
            'found': found, 'ttl': sorted(ttls), 'questions': questions}

def reverse(address):
    return '.'.join(reversed(address.split('.'))) + '.in-addr.arpa'

def tell(value):
    print(json.dumps(value))

def connect(name, port=80):
    try:
        with socket.create_connection((name, port), 2) as s:
            return s.recv(100).decode()
    except OSError as error:
        return type(error).__name__
"""
"""Functions for ``python3 -c``; what is added to it prints its findings by ``tell(…)``."""

SERVE = r"""
import socket, struct, threading
me = socket.gethostbyname(socket.gethostname())
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind((me, 53))
tcp = socket.socket(); tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
tcp.bind((me, 53)); tcp.listen()

def answer(data, whole):
    name, at = [], 12
    while data[at]:
        name.append(data[at + 1 : at + 1 + data[at]].decode().lower()); at += 1 + data[at]
    name, question = '.'.join(name), data[12 : at + 5]
    print('asked', name, 'tcp' if whole else 'udp', flush=True)
    if name == 'silent.test':
        return b''
    found = {'one.test': 1, 'many.test': 100}.get(name, 0)
    code = 0 if found else 3
    cut = found > 20 and not whole
    if cut:
        found = 0
    flags = 0x8180 | code | (0x200 if cut else 0)
    record = b'\xc0\x0c' + struct.pack('!HHIH', 1, 1, 60, 4)
    return data[:2] + struct.pack('!5H', flags, 1, found, 0, 0) + question + b''.join(
        record + bytes([192, 0, 2, n + 1]) for n in range(found))

def serve_tcp():
    while True:
        client, _ = tcp.accept()
        with client, client.makefile('rb') as file:
            (length,) = struct.unpack('!H', file.read(2))
            reply = answer(file.read(length), True)
            client.sendall(struct.pack('!H', len(reply)) + reply)

threading.Thread(target=serve_tcp, daemon=True).start()
print('serves', flush=True)
while True:
    data, source = udp.recvfrom(65535)
    reply = answer(data, False)
    if reply:
        udp.sendto(reply, source)
"""
"""Knows one.test and many.test (100 addresses, too many for UDP); says nothing of silent.test."""

HELLO = r"""
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('0.0.0.0', 80)); s.listen(); print('serves', flush=True)
while True:
    c, _ = s.accept(); c.sendall(sys.argv[1].encode()); c.close()
"""
"""Says its argument to whoever connects to port 80."""

ECHO = r"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 7)); print('serves', flush=True)
while True:
    data, source = s.recvfrom(65535); s.sendto(data.upper(), source)
"""
"""Answers datagrams at port 7 in capitals."""
