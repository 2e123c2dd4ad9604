"""What is opened as a picture: pixels alone; how many of them are decoded at a time."""

import threading

from PIL import Image

from dcgan.data.picture_limits import MOST_PIXELS, PixelBudget, formats


def test_formats_are_pixels_alone() -> None:
    assert {"PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"} <= set(formats())
    assert set(formats()) <= set(Image.OPEN)
    assert not set(formats()) & {
        "EPS",
        "WMF",
        "MPEG",
        "HDF5",
        "GRIB",
        "BUFR",
        "ICO",
        "ICNS",
        "FPX",
        "MIC",
        "FLI",
        "CUR",
    }
    assert MOST_PIXELS == 2 * 89_478_485  # of which Pillow warns at half


def test_no_more_pixels_are_taken_at_a_time_than_there_is_room_for() -> None:
    budget, most, lock = PixelBudget(10), [0, 0], threading.Lock()

    def decode(pixels: int) -> None:
        with budget.taking(pixels):
            with lock:
                most[0] += min(pixels, 10)
                most[1] = max(most)
            threading.Event().wait(0.002)
            with lock:
                most[0] -= min(pixels, 10)

    threads = [threading.Thread(target=decode, args=(pixels,)) for pixels in (3, 4, 99, 5, 10, 1, 2, 99, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert 3 <= most[1] <= 10


def test_a_picture_that_cannot_be_decoded_gives_its_room_back() -> None:
    budget = PixelBudget(10)
    for _ in range(3):
        try:
            with budget.taking(10):
                raise ValueError
        except ValueError:
            pass
    with budget.taking(10):
        pass
