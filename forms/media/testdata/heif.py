#!/usr/bin/python3
"""heif.py OUT COLUMNS ROWS IROT IMIR TILE.heic...

Puts pictures from heif-enc, all of one size, together as the tiles of one picture, as phones write them: a grid item,
with irot (quarter turns anticlockwise, 0 to 3) and imir (0, 1, or - for none), and the EXIF block of the first tile.
ISO/IEC 14496-12 and 23008-12.
"""
import struct
import sys


def box(kind, *parts):
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, kind.encode()) + data


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def children(data):
    out, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        out.append((kind.decode("latin1"), data[at + 8:at + size]))
        at += size
    return out


def read(name):
    """The coded picture, its hvcC, its size, and the EXIF item of a file with one picture."""
    data = open(name, "rb").read()
    meta = dict(children(dict(children(data))["meta"][4:]))
    kinds = {}
    for _, b in children(meta["iinf"][6:]):
        kinds[struct.unpack(">H", b[4:6])[0]] = b[8:12].decode()
    iloc, spans = meta["iloc"], {}
    sizes, = struct.unpack(">H", iloc[4:6])
    osz, lsz, bsz, isz = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    count, = struct.unpack(">H", iloc[6:8])
    at = 8

    def number(n):
        nonlocal at
        v = int.from_bytes(iloc[at:at + n], "big")
        at += n
        return v

    for _ in range(count):
        item = number(2)
        if iloc[0] >= 1:
            number(2)
        number(2)
        base, extents = number(bsz), number(2)
        for _ in range(extents):
            if iloc[0] >= 1:
                number(isz)
            off, size = base + number(osz), number(lsz)
            spans[item] = data[off:off + size]
    props = dict(reversed(children(dict(children(meta["iprp"]))["ipco"])))
    exif = [spans[i] for i in kinds if kinds[i] == "Exif"]
    picture = [spans[i] for i in sorted(kinds) if kinds[i] == "hvc1"][0]
    return picture, props["hvcC"], struct.unpack(">II", props["ispe"][4:12]), exif[0] if exif else b""


def main():
    out, columns, rows, irot, imir = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    tiles = [read(n) for n in sys.argv[6:]]
    assert len(tiles) == columns * rows and all(t[1] == tiles[0][1] for t in tiles)
    (w, h), exif, n = tiles[0][2], tiles[0][3], len(tiles)
    grid, meta_id = n + 1, n + 2
    infe = lambda i, kind: full("infe", 2, 0, struct.pack(">HH4s", i, 0, kind.encode()), b"\0")
    items = [infe(i + 1, "hvc1") for i in range(n)] + [infe(grid, "grid"), infe(meta_id, "Exif")]
    props = [box("hvcC", tiles[0][1]), full("ispe", 0, 0, struct.pack(">II", w, h)),
             full("ispe", 0, 0, struct.pack(">II", w * columns, h * rows))]
    grid_props = [3]
    for kind, value in (("irot", str(irot) if irot else "-"), ("imir", imir)):
        if value != "-":
            props.append(box(kind, bytes([int(value)])))
            grid_props.append(len(props))
    assoc = b"".join(struct.pack(">HBBB", i + 1, 2, 0x81, 2) for i in range(n))
    assoc += struct.pack(">HB", grid, len(grid_props)) + bytes(p | 0x80 for p in grid_props)
    ipma = full("ipma", 0, 0, struct.pack(">I", n + 1), assoc)
    iref = full("iref", 0, 0, box("dimg", struct.pack(">HH", grid, n), b"".join(struct.pack(">H", i + 1) for i in range(n))),
                box("cdsc", struct.pack(">HHH", meta_id, 1, grid)))
    layout = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, w * columns, h * rows)
    payloads = [t[0] for t in tiles] + [layout, exif]

    def meta(start):
        at, locs = start, b""
        for i, p in enumerate(payloads):
            locs += struct.pack(">HHHHII", i + 1, 0, 0, 1, at, len(p))
            at += len(p)
        iloc = full("iloc", 1, 0, struct.pack(">HH", 0x4400, len(payloads)), locs)
        return full("meta", 0, 0, full("hdlr", 0, 0, struct.pack(">I4s12x", 0, b"pict"), b"\0"),
                    full("pitm", 0, 0, struct.pack(">H", grid)), full("iinf", 0, 0, struct.pack(">H", len(items)), *items),
                    iref, box("iprp", box("ipco", *props), ipma), iloc)

    ftyp = box("ftyp", b"heic", struct.pack(">I", 0), b"mif1heic")
    start = len(ftyp) + len(meta(0)) + 8
    open(out, "wb").write(ftyp + meta(start) + box("mdat", *payloads))


main()
