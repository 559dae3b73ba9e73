"""By hand, as README.txt of a bundle says: hashes of its events, the tree, and what somebody might do to it who can hash as well."""
import base64, hashlib, io, json, struct, sys, uuid, zipfile
from datetime import datetime, timedelta, timezone

sha = lambda data: hashlib.sha256(data).digest()
number = lambda n: struct.pack('>q', n)
text = lambda t: number(len(t.encode())) + t.encode()
ident = lambda t: uuid.UUID(t).bytes
optional = lambda value, write: b'\0' if value is None else b'\1' + write(value)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def content(e):
    return sha(text('turnout event content v1') + text(e['type']) + struct.pack('>i', e['schema']) + text(e['payload'])
               + text(e['actor']) + optional(e['device'], ident) + optional(e['channel'], text) + ident(e['command'])
               + optional(e['request_hmac'], bytes.fromhex) + ident(e['correlation']) + optional(e['causation'], ident))


def leaf(e):
    if e['leaf_hash'] is not None:
        return bytes.fromhex(e['leaf_hash'])
    micros = (datetime.fromisoformat(e['recorded_at'].replace('Z', '+00:00')) - EPOCH) // timedelta(microseconds=1)
    return sha(b'\0' + text('turnout log leaf v1') + number(e['position']) + ident(e['organization']) + text(e['stream_type'])
               + ident(e['stream']) + number(e['version']) + number(micros) + bytes.fromhex(e['content_hash'])
               + bytes.fromhex(e['salt']))


def root(events, proof):
    leaves = {e['position'] - 1: leaf(e) for e in events}
    hashes = iter([base64.b64decode(h) for h in proof['hashes']])

    def prune(lo, hi, inside):
        if not inside:
            return next(hashes)
        if hi - lo == 1:
            return leaves[lo]
        k = 1
        while k * 2 < hi - lo:
            k *= 2
        return sha(b'\1' + prune(lo, lo + k, [p for p in inside if p < lo + k]) + prune(lo + k, hi, [p for p in inside if p >= lo + k]))

    made = prune(0, proof['size'], sorted(leaves))
    assert next(hashes, None) is None, 'hashes are left'
    return base64.b64encode(made).decode()


def read(name):
    with zipfile.ZipFile(name) as bundle:
        assert bundle.testzip() is None
        return {entry: bundle.read(entry) for entry in bundle.namelist()}


def write(name, files):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as bundle:
        for entry, data in files.items():
            bundle.writestr(entry, data)


def rehash(e):
    e['content_hash'] = content(e).hex()


def spoil(kind, files, other):
    events = [json.loads(line) for line in files['events.ndjson'].splitlines()]
    paid = next(i for i, e in enumerate(events) if e['type'] == 'PaymentRecorded')
    at = events[paid]['position']
    if kind in ('edited', 'rehashed'):
        events[paid]['payload'] = events[paid]['payload'].replace('"amount":12000', '"amount":11000')
        if kind == 'rehashed':
            rehash(events[paid])
    elif kind == 'removed':
        del events[paid]
        at = events[paid]['position']
    elif kind == 'added':
        more = dict(events[-1], position=events[-1]['position'] + 1, version=events[-1]['version'] + 1)
        at = more['position']
        events.append(more)
    elif kind == 'swapped':
        events[paid], events[paid + 1] = events[paid + 1], events[paid]
    elif kind == 'exchanged':
        one, two = events[paid], events[paid - 1]
        for field in ('type', 'schema', 'payload'):
            one[field], two[field] = two[field], one[field]
        rehash(one), rehash(two)
    elif kind == 'earlier':
        events[paid]['recorded_at'] = '2020-01-01T00:00:00.000000Z'
    elif kind == 'spaced':
        pass
    elif kind == 'withheld':
        e = events[paid]
        e['leaf_hash'] = leaf(e).hex()
        e['payload'] = e['payload'].replace('"amount":12000', '"amount":11000')
        e['content_hash'] = e['salt'] = e['request_hmac'] = None
    elif kind == 'figure':
        files['settlement.json'] = files['settlement.json'].replace(b'"sold": 5', b'"sold": 6')
    elif kind == 'table':
        files['settlement.csv'] = files['settlement.csv'].replace(b'142.00', b'141.00')
    elif kind == 'size':
        lines = files['checkpoint'].split(b'\n')
        lines[1] = b'%d' % (int(lines[1]) + 1)
        files['checkpoint'] = b'\n'.join(lines)
    elif kind == 'proof':
        proof = json.loads(files['proof.json'])
        proof['hashes'] = proof['hashes'][:-1]
        files['proof.json'] = json.dumps(proof).encode()
    elif kind == 'missing':
        del files['settlement.csv']
    elif kind == 'stranger':
        files['program.exe'] = b'MZ'
    elif kind == 'other':
        files['checkpoint'], files['keys'] = other['checkpoint'], other['keys']
    lines = [json.dumps(e, ensure_ascii=False, separators=(',', ':')).encode() for e in events]
    if kind == 'spaced':
        lines[paid] = lines[paid].replace(b'"type":', b'"type": ')
    files['events.ndjson'] = b''.join(line + b'\n' for line in lines)
    return at


if sys.argv[1] == 'check':
    files = read(sys.argv[2])
    events = [json.loads(line) for line in files['events.ndjson'].splitlines()]
    for e in events:
        assert e['leaf_hash'] is not None or content(e).hex() == e['content_hash'], e
    signed = files['checkpoint'].decode().split('\n')
    print(json.dumps({
        'files': list(files), 'root': root(events, json.loads(files['proof.json'])), 'signed': signed[2], 'size': int(signed[1]),
        'versions': [e['version'] for e in events], 'withheld': sum(e['leaf_hash'] is not None for e in events),
        'codes': [json.loads(e['payload'])['short_code'] for e in events if e['type'] == 'TicketIssued'],
        'settlement': json.loads(files['settlement.json']), 'readme': files['README.txt'].decode(),
    }))
else:
    files = read(sys.argv[3])
    at = spoil(sys.argv[2], files, read(sys.argv[5]) if len(sys.argv) > 5 else None)
    write(sys.argv[4], files)
    print(json.dumps(at))
