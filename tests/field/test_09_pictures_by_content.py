"""Pictures are known by their content, what is not read is counted, and every kind of pixel has the right value."""

import importlib.util

import numpy as np
import pytest
from PIL import Image, features

from inklings.data import open_dataset
from inklings.errors import DataError, DataWarning


@pytest.fixture
def strokes():
    """A picture of 12 x 12 with a light bar on black: values 0 to 240."""
    pixels = np.zeros((12, 12), np.uint8)
    pixels[3:9, 4:7] = 240
    pixels[5, 5] = 100
    return pixels


@pytest.fixture
def save_both(tmp_path):
    """Save a picture in two classes, and return the first image of the data set."""

    def save_both(picture, ending=".png", read=None, **options):
        for name in ("a", "b"):
            (tmp_path / name).mkdir(exist_ok=True)
            picture.save(tmp_path / name / f"1{ending}", **options)
        return open_dataset(tmp_path, **(read or {}))

    return save_both


ENDINGS = [
    (".jfif", "JPEG"),
    (".jpe", "JPEG"),
    ("", "JPEG"),
    (".JPG", "PNG"),
    (".dib", "BMP"),
    (".dat", "PNG"),
    (".jpg", "WEBP"),
    (".tmp", "GIF"),
    (".0001", "TIFF"),
]


@pytest.mark.parametrize(("ending", "kind"), ENDINGS)
def test_a_picture_is_read_under_any_ending(ending, kind, strokes, save_both):
    dataset = save_both(Image.fromarray(strokes), ending, format=kind)
    assert len(dataset) == 2
    assert np.abs(dataset.images[0, ..., 0] - strokes / 255).mean() < 0.02


def test_what_is_not_read_is_counted_by_kind(tmp_path, strokes, save_both):
    save_both(Image.fromarray(strokes))
    for number in range(3):
        (tmp_path / "a" / f"{number}.svg").write_text("<svg/>")
    (tmp_path / "b" / "read me.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "b" / "notes").write_text("drawn by hand")
    expected = r"5 files not read: 3 .svg \(save them as PNG\), 2 are not pictures \(.pdf, without an ending\)"
    with pytest.warns(DataWarning, match=expected):
        assert len(open_dataset(tmp_path)) == 2


@pytest.mark.skipif(importlib.util.find_spec("pillow_heif") is not None, reason="HEIC is read here")
def test_photographs_in_heic_are_counted_with_the_way_to_read_them(tmp_path, strokes, save_both):
    save_both(Image.fromarray(strokes))
    for number in range(4):
        (tmp_path / "a" / f"{number}.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    with pytest.warns(DataWarning, match=r"4 files not read: 4 .heic \(pip install 'inklings\[heic\]'"):
        assert len(open_dataset(tmp_path)) == 2


@pytest.mark.skipif(importlib.util.find_spec("pillow_heif") is None, reason="needs the extra heic")
def test_photographs_in_heic_are_read(tmp_path, strokes, save_both):
    import pillow_heif

    pillow_heif.register_heif_opener()
    dataset = save_both(Image.fromarray(strokes).convert("RGB").resize((96, 96)), ".heic", format="HEIF", quality=95)
    assert dataset.image_shape == (96, 96, 1)
    assert abs(float(dataset.images[0].max()) - 240 / 255) < 0.1


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_photographs_in_avif_are_read(strokes, save_both):
    dataset = save_both(Image.fromarray(strokes).convert("RGB").resize((96, 96)), ".avif", quality=95)
    assert abs(float(dataset.images[0].max()) - 240 / 255) < 0.1


def test_what_systems_leave_behind_needs_no_word(tmp_path, strokes, save_both, recwarn):
    save_both(Image.fromarray(strokes))
    for name in ("._1.png", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / "a" / name).write_bytes(b"\0\1\2")
    (tmp_path / "__MACOSX" / "a").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "a" / "._1.png").write_bytes(b"\0\1")
    dataset = open_dataset(tmp_path)
    assert (len(dataset), dataset.class_names) == (2, ("a", "b"))
    assert not [warning for warning in recwarn if "not read" in str(warning.message)]


def test_damaged_pictures_are_refused_by_name_or_left_out_and_counted(tmp_path, strokes, save_both):
    save_both(Image.fromarray(strokes))
    whole = (tmp_path / "a" / "1.png").read_bytes()
    (tmp_path / "a" / "cut.png").write_bytes(whole[:70])
    (tmp_path / "b" / "error.jpg").write_text("<html>404</html>")
    (tmp_path / "b" / "nothing.png").touch()
    with pytest.raises(DataError, match=r"a/cut.png: not a valid picture .*try skip_damaged=True"):
        open_dataset(tmp_path)
    expected = r"3 damaged pictures were left out, as requested: a/cut.png, b/error.jpg, b/nothing.png"
    with pytest.warns(DataWarning, match=expected):
        dataset = open_dataset(tmp_path, skip_damaged=True)
    assert dataset.labels.tolist() == [0, 1]


def test_a_picture_of_one_bit_is_black_and_white(save_both):
    bits = np.zeros((8, 8), bool)
    bits[2:5, 3] = True
    assert np.array_equal(save_both(Image.fromarray(bits)).images[0, ..., 0], bits)


def test_a_palette_gives_the_colours_it_names(strokes, save_both):
    picture = Image.fromarray(strokes).convert("P")
    picture.putpalette([channel for value in range(256) for channel in (255 - value,) * 3])
    image = save_both(picture, read={"invert": False}).images[0, ..., 0]
    assert np.allclose(image, (255 - strokes) / 255, atol=1e-6)


def test_inks_of_a_printer_give_the_colours_they_print(save_both):
    cmyk = np.zeros((6, 6, 4), np.uint8)
    cmyk[..., 3] = 255  # black
    cmyk[2, 3] = (0, 255, 255, 0)  # magenta and yellow: red
    image = save_both(Image.frombytes("CMYK", (6, 6), cmyk.tobytes()), ".tif", read={"colour": True}).images[0]
    assert image[2, 3].tolist() == [1, 0, 0]
    assert image[0, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P"])
def test_transparent_parts_are_paper(mode, save_both):
    rgba = np.zeros((6, 6, 4), np.uint8)
    rgba[2:4, 2:4, 3] = 255  # black ink, on nothing
    picture = Image.fromarray(rgba)
    picture = picture.quantize(2) if mode == "P" else picture.convert(mode)
    expected = np.ones((6, 6))
    expected[2:4, 2:4] = 0
    assert np.array_equal(save_both(picture, read={"invert": False}).images[0, ..., 0], expected)


def test_of_an_animation_the_first_frame_is_read_and_that_is_said(tmp_path, strokes):
    first, second = Image.fromarray(strokes), Image.fromarray(strokes[::-1].copy())
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        first.save(tmp_path / name / "1.gif", save_all=True, append_images=[second, first])
    with pytest.warns(DataWarning, match=r"2 of 2 files hold several frames .* the first is used: a/1.gif"):
        dataset = open_dataset(tmp_path)
    assert np.allclose(dataset.images[0, ..., 0], strokes / 255, atol=1e-6)


@pytest.mark.parametrize("highest", [4095, 65535])
def test_12_and_16_bits_per_pixel_span_the_range_that_they_use(highest, save_both):
    deep = np.zeros((6, 6), np.uint16)
    deep[2, 1:5] = [highest, highest // 2, highest // 4, 300]
    image = save_both(Image.fromarray(deep)).images[0, ..., 0]
    assert np.allclose(image, deep / highest, atol=1e-6)


def test_16_bits_among_8_are_scaled_alike_and_that_is_said(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    pixels = np.zeros((6, 6), np.uint8)
    pixels[2:4, 2:4] = 200
    Image.fromarray(pixels).save(tmp_path / "a" / "1.png")
    Image.fromarray(pixels.astype(np.uint16) * 257).save(tmp_path / "b" / "1.png")
    with pytest.warns(DataWarning, match=r"1 of 2 pictures have more than 8 bits per pixel"):
        dataset = open_dataset(tmp_path)
    assert np.allclose(dataset.images[0], dataset.images[1], atol=1e-6)
    assert np.allclose(dataset.images[0, ..., 0], pixels / 255, atol=1e-6)


def test_the_way_out_of_an_empty_picture_is_one_sentence(tmp_path):
    for name in ("a/1.png", "b/2.png"):
        (tmp_path / name).parent.mkdir()
        Image.new("L", (4, 4)).save(tmp_path / name)
    (tmp_path / "b" / "3.png").write_bytes(b"")
    way_out = "leave out all that are damaged; try skip_damaged=True$"
    with pytest.raises(DataError, match=rf"is empty \(0 bytes\), [^;]*; {way_out}"):
        open_dataset(tmp_path)
