import io

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.errors import DataError, DataWarning


@pytest.fixture
def folder(tmp_path, pixels, labels):
    """Forty digits as PNG files in sub-folders 0 to 9."""
    for row in range(40):
        child = tmp_path / "pictures" / str(labels[row])
        child.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[row]).save(child / f"{row:03}.png")
    return tmp_path / "pictures"


def save(folder, name, image, **options):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def read_two(tmp_path, image, suffix=".png", **options):
    """One picture, read from a folder of two classes."""
    for name in ("a", "b"):
        save(tmp_path, f"{name}/1{suffix}", image, **options)
    return open_dataset(tmp_path).images[0]


def test_sub_folders_are_classes_and_their_pictures_in_order_of_name(folder, pixels, labels):
    dataset = open_dataset(folder)
    order = np.lexsort((np.arange(40), labels[:40]))
    assert np.array_equal(dataset.labels, labels[order])
    assert np.allclose(dataset.images[..., 0], pixels[order] / 255, atol=1e-6)


def test_names_of_folders_that_are_numbers_are_in_the_order_of_numbers(tmp_path):
    for name in ("10", "2", "1"):
        save(tmp_path, f"{name}/x.png", Image.new("L", (4, 4)))
    assert open_dataset(tmp_path).class_names == ("1", "2", "10")


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".gif", ".tif", ".webp", ".pgm"])
def test_formats_without_loss_give_the_same_pixels(suffix, tmp_path, pixels):
    options = {"lossless": True} if suffix == ".webp" else {}
    image = read_two(tmp_path, Image.fromarray(pixels[0]), suffix, **options)
    assert np.allclose(image[..., 0], pixels[0] / 255, atol=1e-6)


def test_jpeg_gives_nearly_the_same_pixels(tmp_path, pixels):
    image = read_two(tmp_path, Image.fromarray(pixels[0]), ".jpg", quality=95)
    assert np.abs(image[..., 0] - pixels[0] / 255).mean() < 0.02


def test_16_bits_a_pixel_are_kept(tmp_path):
    deep = np.array([[0, 0, 0, 0], [0, 257, 65535, 0], [0, 13107, 300, 0], [0, 0, 0, 0]], np.uint16)
    image = read_two(tmp_path, Image.fromarray(deep))
    assert np.allclose(image[..., 0], deep / 65535, atol=1e-6)


def test_a_photograph_that_its_camera_held_sideways_is_turned(tmp_path):
    stored = np.zeros((4, 6), np.uint8)
    stored[1, 4] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned a quarter clockwise
    image = read_two(tmp_path, Image.fromarray(stored), exif=exif)
    assert np.array_equal(image[..., 0], np.rot90(stored, -1) / 255)


def test_black_strokes_on_nothing_are_ink_on_paper(tmp_path):
    strokes = np.zeros((6, 6, 4), np.uint8)
    strokes[2:4, 1:5, 3] = 255
    image = read_two(tmp_path, Image.fromarray(strokes))
    assert np.array_equal(image[..., 0], strokes[..., 3] / 255)


def test_pictures_with_colours_are_grey_unless_asked_and_a_note_says_so(tmp_path):
    red = Image.new("RGB", (4, 5), (0, 0, 0))
    red.putpixel((1, 2), (255, 0, 0))
    with pytest.warns(DataWarning, match="2 of 2 pictures have colours and were converted to grey"):
        assert read_two(tmp_path, red)[2, 1].tolist() == pytest.approx([0.299])
    kept = open_dataset(tmp_path, colour=True)
    assert kept.image_shape == (5, 4, 3)
    assert kept.images[0, 2, 1].tolist() == [1, 0, 0]
    asked = open_dataset(tmp_path, colour=False)  # which warns of nothing
    assert any("2 of 2 pictures have colours" in note for note in asked.notes)


def test_pictures_of_different_sizes_need_a_size(folder):
    save(folder, "7/odd.png", Image.new("L", (30, 20)))
    with pytest.raises(
        DataError, match=r"7/odd.png: 20 x 30 pixels, expected 28 x 28 as in .*; resize .*; try size=28"
    ):
        open_dataset(folder)
    assert open_dataset(folder, size=16).images.shape == (41, 16, 16, 1)


def test_train_and_test_folders_are_one_set_with_the_test_pictures_set_aside(tmp_path):
    for name in ("train/a/1", "train/b/1", "train/b/2", "test/a/1", "test/b/1"):
        save(tmp_path, f"{name}.png", Image.new("L", (4, 4)))
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("a", "b")
    assert dataset.given_test.tolist() == [3, 4]


def test_notes_and_hidden_files_beside_pictures_are_left_out(folder):
    (folder / "3" / "README.txt").write_text("drawn by hand")
    (folder / "3" / ".hidden.png").write_bytes(b"")
    (folder / ".git").mkdir()
    assert len(open_dataset(folder)) == 40


def test_a_folder_without_pictures_is_no_class_and_that_is_said(folder):
    (folder / "empty").mkdir()
    with pytest.warns(DataWarning, match=r"1 folder holds no picture, and so is not a class: empty"):
        dataset = open_dataset(folder)
    assert len(dataset) == 40
    assert "empty" not in dataset.class_names


def test_a_class_all_of_whose_pictures_cannot_be_read_is_refused(folder):
    (folder / "raw").mkdir()
    (folder / "raw" / "1.cr2").write_bytes(b"x" * 100)
    with pytest.raises(DataError, match=r"pictures/raw: none of its 1 pictures can be read: .cr2 \(save them as PNG"):
        open_dataset(folder)


def test_nor_is_a_class_left_out_whose_pictures_have_no_ending_and_cannot_be_read(folder, monkeypatch):
    monkeypatch.setattr("inklings.data.readers.folder_tree.why_unreadable", {"HEIF": "install it"}.get)
    (folder / "phone").mkdir()
    (folder / "phone" / "1").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    with pytest.raises(DataError, match=r"phone: none of its 1 pictures can be read: .heif \(install it\)"):
        open_dataset(folder)


def test_a_damaged_picture_is_refused_by_name(folder):
    path = next((folder / "4").iterdir())
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=rf"4/{path.name}: not a valid picture"):
        open_dataset(folder)


def test_a_picture_of_another_format_than_those_named_is_refused(folder):
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "ICO")
    (folder / "4" / "icon.png").write_bytes(content.getvalue())
    with pytest.raises(DataError, match=r"icon.png: not a valid picture"):
        open_dataset(folder)


def test_an_enormous_picture_is_refused_before_it_is_unpacked(folder):
    save(folder, "4/huge.png", Image.new("1", (10000, 7000)))
    with pytest.raises(DataError, match=r"huge.png: 10000 x 7000 pixels, expected at most 67,108,864; make it smaller"):
        open_dataset(folder)


def test_one_class_only_is_refused(tmp_path):
    save(tmp_path, "only/1.png", Image.new("L", (4, 4)))
    with pytest.raises(DataError, match=r"the one class 'only'"):
        open_dataset(tmp_path)
