"""Any folder of images: in a fixed order, cropped to squares, resized, with class folders or without."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from dcgan.common.errors import Misuse
from dcgan.common.files import cannot
from dcgan.common.messages import message, note
from dcgan.common.paths import expanded
from dcgan.common.tracked_items import tracked
from dcgan.experiment.sections import Data

_BATCH = 256  # files decoded at a time
FEWEST = 20  # images; with fewer no split could be trained on and scored
_MODES = {1: "L", 3: "RGB"}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, Image.DecompressionBombError)


def resolve(data: Data) -> Data:
    """`data` with the fingerprint of the files: names relative to the folder, and contents.

    Raises Misuse if the folder is not there or has too few images, or if `data` names another fingerprint.
    """
    root = _root(data)
    fingerprint = _fingerprint(root, _images(root))
    if data.fingerprint not in {None, fingerprint}:
        raise Misuse(
            f"the images in {root} are not those of data.fingerprint={data.fingerprint} (now {fingerprint}): "
            "restore them, or remove the key to start a new run"
        )
    return data.model_copy(update={"fingerprint": fingerprint})


# Per folder: the listing of its files when they were last read, and their fingerprint. A study asks for it
# before every trial, and reading 50,000 files takes seconds.
_READ_ONCE: dict[Path, tuple[str, str]] = {}


def _fingerprint(root: Path, images: Mapping[str, Path]) -> str:
    """The fingerprint of a folder's images. They are read once a process, and again if one of them changed."""
    place, listing = root.resolve(), _listing(images)
    if place not in _READ_ONCE or _READ_ONCE[place][0] != listing:
        digest = hashlib.sha256()
        for name, path in images.items():
            content = _bytes(path)
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        _READ_ONCE[place] = listing, digest.hexdigest()[:16]
    return _READ_ONCE[place][1]


def _listing(images: Mapping[str, Path]) -> str:
    """A hash of what can be known of files without reading them: names, sizes, and when each was changed.

    The time of modification is not enough, since programs that copy files may set it; nothing sets that of change.
    """
    digest = hashlib.sha256()
    for name, path in images.items():
        try:
            file = path.stat()
        except OSError as error:
            raise cannot("read", path, error) from error
        digest.update(f"{name}\0{file.st_size} {file.st_mtime_ns} {file.st_ctime_ns} {file.st_ino}\0".encode())
    return digest.hexdigest()


def read(data: Data, channels: int) -> tuple[Tensor, Tensor | None, tuple[str, ...]]:
    """uint8 images (n, channels, size, size) in the order of their paths, labels (n) or None, class names.

    The immediate subfolders are the classes when there are two or more and every image lies in one.
    """
    root = _root(data)
    images = _images(root)
    paths = list(images.values())
    out = torch.empty(len(paths), channels, data.size, data.size, dtype=torch.uint8)
    done = 0
    for batch in tracked(decoded(paths, data.size, channels), -(-len(paths) // _BATCH), f"reading {root.name}"):
        out[done : done + len(batch)] = batch
        done += len(batch)
    labels, classes = _classes([Path(name) for name in images])
    return out, labels, classes


def pictures(data: Data) -> list[Path]:
    """The image files of a folder in the order of their paths. Raises Misuse if there is none, or too few in it."""
    return list(_images(_root(data)).values())


def decoded(paths: Sequence[Path], size: int, channels: int) -> Iterator[Tensor]:
    """The files as uint8 batches (n, channels, size, size), in order; no more than one batch is held.

    Says at the end, in a line each, what sizes and colours they came in if those were not the ones asked for.
    """
    sizes: set[tuple[int, int]] = set()
    colours: set[str] = set()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for start in range(0, len(paths), _BATCH):
            part = paths[start : start + _BATCH]
            images = list(pool.map(lambda path: _decode(path, size, channels), part))
            sizes.update(came for _, came, _ in images)
            colours.update(colour for *_, colour in images)
            yield torch.stack([pixels for pixels, *_ in images])
    if sizes - {(size, size)}:
        few, many = (f"{width} x {height}" for width, height in (min(sizes), max(sizes)))
        came = few if len(sizes) == 1 else f"of {len(sizes)} sizes ({few} to {many})"
        note(f"images {came}, each cropped to a square and brought to {size} x {size}")
    if channels == 1 and "RGB" in colours:
        note("colour images, each brought to grey by its luminance")


def _root(data: Data) -> Path:
    root = expanded(data.folder or "", "data.folder")
    if not root.is_dir():
        raise Misuse(f"data.folder={data.folder}: " + ("not a folder" if root.exists() else "no such folder"))
    return root


def _images(root: Path) -> dict[str, Path]:
    """The image files below `root`, told by how their names end, by path relative to it, sorted; hidden ones are left
    out, others counted."""
    endings = {ending for ending, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    images: dict[str, Path] = {}
    others = 0
    seen: set[str] = set()
    for directory, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(directory)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = Path(directory)
        within = "" if place == root else f"{place.relative_to(root).as_posix()}/"
        for name in files:
            if name.startswith("."):
                continue
            if os.path.splitext(name)[1].lower() in endings:  # noqa: PTH122 - Path takes ten times as long
                images[within + name] = place / name
            else:
                others += 1
    if len(images) < FEWEST:
        raise Misuse(
            f"{root} has {len(images) or 'no'} image{'' if len(images) == 1 else 's'}: at least {FEWEST} are needed"
        )
    if others:
        message(f"{root}: {others} files that are not images are ignored")
    return dict(sorted(images.items()))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise cannot("read", path, error) from error


def _decode(path: Path, size: int, channels: int) -> tuple[Tensor, tuple[int, int], str]:
    """One file as uint8 (channels, size, size): upright, cropped, antialiased; the width, height and mode it came in.

    Raises Misuse if it is broken.
    """
    try:
        with Image.open(path) as file:
            image = _plain(ImageOps.exif_transpose(file))
            kind = _MODES[channels]
            square = ImageOps.fit(image.convert(kind), (size, size), method=Image.Resampling.BILINEAR)
    except PermissionError as error:
        raise cannot("read", path, error) from error
    except _BROKEN as error:
        raise Misuse(f"{path} is not a readable image ({error}): repair or remove it") from error
    pixels = torch.from_numpy(np.array(square))
    return (pixels.unsqueeze(0) if channels == 1 else pixels.permute(2, 0, 1)), image.size, image.mode


def _plain(image: Image.Image) -> Image.Image:
    """The image with 8 bits a channel and without transparency: 16 bits scaled down, a white background."""
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image if image.mode in {"1", "L"} else image.convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """Integer pixels beyond 255 as 16-bit ones, floats in [0, 1] as shares of white."""
    pixels = np.asarray(image, dtype=np.float64)
    if not np.isfinite(pixels).all():
        raise ValueError("it holds NaN or infinity")
    if image.mode == "F":
        scale = 255.0 if pixels.max() <= 1 else 1.0
    else:
        scale = 255 / 65535 if image.mode != "I" or pixels.max() > 255 else 1.0
    return Image.fromarray(np.clip(np.rint(pixels * scale), 0, 255).astype(np.uint8))


def _classes(relative: list[Path]) -> tuple[Tensor | None, tuple[str, ...]]:
    names = sorted({path.parts[0] for path in relative if len(path.parts) > 1})
    if len(names) < 2 or any(len(path.parts) == 1 for path in relative):
        return None, ()
    index = {name: label for label, name in enumerate(names)}
    return torch.tensor([index[path.parts[0]] for path in relative]), tuple(names)
