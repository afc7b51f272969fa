"""Folders of pictures as courses, contests and cameras lay them out: parts, wrappers, deeper folders, tables."""

import json
import os
import shutil
import unicodedata
import warnings

import numpy as np
import pytest
from PIL import Image

from inklings.data import open_dataset
from inklings.data.raw import ReadOptions
from inklings.data.sources import read_source
from inklings.errors import DataError, DataWarning


@pytest.fixture(scope="module")
def digits():
    dataset = open_dataset("digits28")
    return np.round(dataset.images[:400, ..., 0] * 255).astype(np.uint8), dataset.labels[:400]


@pytest.fixture
def put(tmp_path, digits):
    """Save digit number ``row`` as a picture below the folder of the test."""

    def put(name, row):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digits[0][row]).save(path, format="PNG")
        return path

    return put


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("train", "val", "test"),
        ("train", "validation", None),
        ("train", "valid", None),
        ("training", None, "testing"),
        ("Train", "Dev", "Eval"),
        ("trn", "val", "test"),
        ("TRAINING_SET", None, "test_set"),
        ("seg_train", None, "seg_test"),
    ],
)
def test_parts_in_any_usual_spelling_are_the_parts_of_the_data_set(train, validation, test, tmp_path, put, digits):
    given = {part: range(start, start + 6) for part, start in ((train, 0), (validation, 6), (test, 12)) if part}
    for part, rows in given.items():
        for row in rows:
            put(f"data/{part}/{'ab'[row % 2]}/{row}.png", row)
    dataset = open_dataset(tmp_path / "data")
    assert dataset.class_names == ("a", "b")
    reserved = {validation: dataset.given_validation, test: dataset.given_test}
    for part, rows in given.items():
        if part == train:
            continue
        # Sorted by class, then by name: the even rows, then the odd ones.
        for index, row in zip(reserved[part], [*rows[::2], *rows[1::2]], strict=True):
            assert np.array_equal(np.round(dataset.images[index, ..., 0] * 255), digits[0][row])
            assert dataset.class_names[dataset.labels[index]] == "ab"[row % 2]
    if validation is None:
        assert dataset.given_validation is None
    if test is None:
        assert dataset.given_test is None


def test_a_folder_within_a_folder_is_gone_through(tmp_path, put):
    for row in range(6):
        put(f"outer/inner/pictures/{'ab'[row % 2]}/{row}.png", row)
    assert open_dataset(tmp_path).class_names == ("a", "b")


def test_pictures_in_folders_within_a_class_belong_to_it_and_are_counted(tmp_path, put):
    for row in range(4):
        put(f"{'ab'[row % 2]}/{row}.png", row)
    for row in range(4, 16):
        put(f"{'ab'[row % 2]}/by_anna/monday/{row}.png", row)
    with pytest.warns(
        DataWarning, match=r"12 of 16 pictures lie in folders within their class's folder \(a/.../4.png\)"
    ):
        dataset = open_dataset(tmp_path)
    assert np.bincount(dataset.labels).tolist() == [8, 8]


def test_where_the_inner_folders_may_be_the_classes_it_is_said_and_an_option_takes_them(tmp_path, put):
    for row in range(12):
        put(f"{('anna', 'bob')[row % 2]}/{row % 3}/{row}.png", row)
    with pytest.warns(DataWarning, match=r"if the inner folders are the classes \(0, 1, 2\), labels='by-folder=2'"):
        assert open_dataset(tmp_path).class_names == ("anna", "bob")
    dataset = open_dataset(tmp_path, labels="by-folder=2")
    assert dataset.class_names == ("0", "1", "2")
    assert np.bincount(dataset.labels).tolist() == [4, 4, 4]


def test_a_flat_test_folder_is_counted_and_not_made_a_class(tmp_path, put):
    for row in range(6):
        put(f"train/{'ab'[row % 2]}/{row}.png", row)
        put(f"test/{row}.png", 10 + row)
    with pytest.warns(DataWarning, match=r"6 pictures have no label and are not used: test/0.png, .* and 4 more"):
        dataset = open_dataset(tmp_path)
    assert len(dataset) == 6
    assert dataset.given_test is None


def test_a_class_may_be_called_train(tmp_path, put):
    for row in range(6):
        put(f"{('train', 'bus', 'car')[row % 3]}/{row}.png", row)
    assert open_dataset(tmp_path).class_names == ("bus", "car", "train")


def test_a_folder_beside_the_parts_is_counted(tmp_path, put):
    for row in range(6):
        for part in ("train", "test", "extra"):
            put(f"{part}/{'ab'[row % 2]}/{row}.png", row)
    with pytest.warns(DataWarning, match=r"6 pictures in extra are not used"):
        assert len(open_dataset(tmp_path)) == 12


def test_parts_within_each_class_are_parts(tmp_path, put):
    for row in range(8):
        put(f"{'ab'[row % 2]}/{('train', 'test')[row // 4]}/{row}.png", row)
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("a", "b")
    assert len(dataset.given_test) == 4


def test_a_part_may_lack_a_class_and_that_is_said(tmp_path, put):
    for row, name in enumerate("abcab"):
        put(f"{'train' if row < 3 else 'test'}/{name}/{row}.png", row)
    with pytest.warns(DataWarning, match=r"the test part has no picture of c"):
        dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("a", "b", "c")
    assert dataset.labels[dataset.given_test].tolist() == [0, 1]


def test_a_test_part_with_classes_that_nobody_can_learn_is_refused(tmp_path, put):
    for name in ("train/Cat", "train/Dog", "test/cat", "test/Dog"):
        put(f"{name}/1.png", 1)
    with pytest.raises(DataError, match=r"test part has classes that the training part lacks: cat; .*upper and lower"):
        open_dataset(tmp_path)


def test_parts_without_one_to_train_on_are_refused(tmp_path, put):
    for name in ("val/a", "val/b", "test/a", "test/b"):
        put(f"{name}/1.png", 1)
    with pytest.raises(DataError, match=r"has the parts test, val, expected one to train on"):
        open_dataset(tmp_path)


def test_names_with_spaces_commas_accents_and_emoji_in_either_form_are_one_class(tmp_path, put):
    for row, name in enumerate(("café au lait", "naïve, so 😀") * 3):
        form = "NFC" if row < 4 else "NFD"
        put(f"{'train' if row < 4 else 'test'}/{unicodedata.normalize(form, name)}/a, {row}.png", row)
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("café au lait", "naïve, so 😀")
    assert len(dataset.given_test) == 2


STYLES = {
    "relative": ("file,label", lambda name, folder: f'"{name}"', ",", "labels.csv"),
    "with folder": ("image,class", lambda name, folder: f'"./pics/{name}"', ",", "labels.csv"),
    "absolute": ("path,label", lambda name, folder: f'"{folder / name}"', ",", "index.csv"),
    "windows": ("path,label", lambda name, folder: f'"C:\\Users\\me\\pics\\{name}"', ",", "labels.csv"),
    "without ending": ("id,breed", lambda name, folder: f'"{name[:-4]}"', ",", "labels.csv"),
    "semicolons": ("file;label", lambda name, folder: name, ";", "labels.csv"),
    "tabs": ("file\tlabel", lambda name, folder: name, "\t", "labels.tsv"),
    "no header": ("", lambda name, folder: f'"{name}"', ",", "labels.csv"),
    "spaces": ("", lambda name, folder: name, " ", "list.txt"),
    "upper case": ("file,label", lambda name, folder: f'"{name.upper()}"', ",", "labels.csv"),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_table_beside_flat_pictures_has_their_labels(style, tmp_path, put, digits):
    header, write, separator, name = STYLES[style]
    folder = tmp_path / "pics"
    for row in range(24):
        put(f"pics/img {row}, é.png", row)
    # In another order than the files, so that a table read by position would be wrong.
    order = np.random.default_rng(0).permutation(24)
    rows = [f"{write(f'img {row}, é.png', folder)}{separator}{digits[1][row]}" for row in order]
    (folder / name).write_text("\n".join([header, *rows] if header else rows), encoding="utf-8")
    dataset = open_dataset(folder)
    assert [int(dataset.class_names[label]) for label in dataset.labels] == digits[1][:24].tolist()
    assert np.array_equal(np.round(dataset.images[5, ..., 0] * 255), digits[0][5])


def test_a_table_and_its_pictures_may_lie_side_by_side(tmp_path, put, digits):
    for row in range(20):
        put(f"images/{row}.png", row)
    lines = "\n".join(f"{row},{digits[1][row]}" for row in range(20))
    (tmp_path / "labels.csv").write_text(f"id,digit\n{lines}")
    dataset = open_dataset(tmp_path)
    assert [int(dataset.class_names[label]) for label in dataset.labels] == digits[1][:20].tolist()


def test_a_contests_table_labels_its_part_and_its_sample_of_answers_none(tmp_path, put, digits):
    for row in range(20):
        put(f"train/{row}.png", row)
        put(f"test/{row}.png", 20 + row)
    lines = [f"{row}.png,{digits[1][row]}" for row in range(20)]
    (tmp_path / "train.csv").write_text("\n".join(["file,label", *(f"train/{line}" for line in lines)]))
    (tmp_path / "sample_submission.csv").write_text(
        "\n".join(["file,label", *(f"test/{row}.png,0" for row in range(20))])
    )
    with pytest.warns(DataWarning, match="20 pictures have no label and are not used: test/0.png"):
        dataset = open_dataset(tmp_path)
    assert [int(dataset.class_names[label]) for label in dataset.labels] == digits[1][:20].tolist()
    assert dataset.given_test is None


def test_a_table_of_the_test_part_beside_class_folders(tmp_path, put, digits):
    for row in range(40):
        put(f"Train/{digits[1][row]}/{row % 10}.png" if row < 30 else f"Test/{row % 10}.png", row)
    lines = [f"28,28,{digits[1][row]},Test/{row % 10}.png" for row in range(30, 40)]
    (tmp_path / "Test.csv").write_text("\n".join(["Width,Height,ClassId,Path", *lines]))
    dataset = open_dataset(tmp_path)
    tested = dataset.labels[dataset.given_test]
    assert [int(dataset.class_names[label]) for label in tested] == digits[1][30:40].tolist()


def test_tables_of_parts_whose_files_are_called_alike_are_each_for_their_own(tmp_path, put, digits):
    for row in range(20):
        put(f"train/{row}.png", row)
        put(f"test/{row}.png", 100 + row)
    for part, first in (("train", 0), ("test", 100)):
        known = set(digits[1][:20].tolist())
        lines = [f"{row}.png,{digits[1][first + row] if digits[1][first + row] in known else 0}" for row in range(20)]
        (tmp_path / f"{part}.csv").write_text("\n".join(["file,label", *lines]))
    dataset = open_dataset(tmp_path)
    expected = [*digits[1][:20], *digits[1][100:120]]
    assert [int(dataset.class_names[label]) for label in dataset.labels] == [int(label) for label in expected]
    assert dataset.given_test.tolist() == list(range(20, 40))


@pytest.mark.parametrize("name", ["metadata.jsonl", "labels.json", "metadata.csv"])
def test_tables_in_json_and_within_the_part_are_read(name, tmp_path, put, digits):
    for part, first in (("train", 0), ("test", 5)):
        for row in range(first, first + 5):
            put(f"data/{part}/{row - first}.png", row)
        labels = {f"{row}.png": f"class\u2028{row % 2}" for row in range(5)}
        lines = [json.dumps({"file_name": file, "label": label}, ensure_ascii=False) for file, label in labels.items()]
        text = "\n".join(["file_name,label", *(f"{file},{label}" for file, label in labels.items())])
        content = {"metadata.jsonl": "\n".join(lines), "labels.json": json.dumps(labels), "metadata.csv": text}[name]
        (tmp_path / "data" / part / name).write_text(content, "utf-8")
    dataset = open_dataset(tmp_path / "data")
    assert dataset.labels.tolist() == [0, 1, 0, 1, 0] * 2
    assert dataset.class_names == ("class\u20280", "class\u20281")
    assert dataset.given_test.tolist() == list(range(5, 10))


def test_a_table_that_contradicts_the_folders_is_said_and_used_only_if_named(tmp_path, put):
    for row in range(8):
        put(f"{'ab'[row % 2]}/{row}.png", row)
    (tmp_path / "labels.csv").write_text(
        "\n".join(["file,label", *(f"{row}.png,{'xy'[row // 4]}" for row in range(8))])
    )
    with pytest.warns(
        DataWarning, match=r"labels.csv gives 8 pictures other labels than their folders, which were used"
    ):
        assert open_dataset(tmp_path).class_names == ("a", "b")
    dataset = open_dataset(tmp_path, labels="labels.csv")
    assert dataset.class_names == ("x", "y")
    assert dataset.labels.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("labels", "heading"),
    [(None, []), ("1", []), ("val/val_annotations.txt", []), (None, ["file\twhat\tx0\ty0\tx1\ty1"])],
)
def test_a_table_of_the_validation_part_says_labels_by_the_names_of_the_folders(tmp_path, put, digits, labels, heading):
    # As Tiny ImageNet has it: a class, and then a box, which could be labels as well; and pictures without labels.
    for row in range(30):
        put(f"train/n{digits[1][row]}/images/{row}.png" if row < 20 else f"val/images/val_{row}.png", row)
        put(f"test/images/test_{row}.png", row)
    rows = [f"val_{row}.png\tn{digits[1][row]}\t0\t{row % 3}\t{row % 4}\t27" for row in range(20, 30)]
    (tmp_path / "val/val_annotations.txt").write_text("\n".join(heading + rows))
    with pytest.warns(DataWarning) as said:
        dataset = open_dataset(tmp_path, labels=labels)
    notes = "\n".join(str(each.message) for each in said)
    assert "the labels of 10 pictures are from val/val_annotations.txt" in notes
    assert "30 pictures have no label and are not used" in notes
    assert dataset.named_labels.tolist() == [
        f"n{digits[1][int(name.split('/')[-1][:-4].split('_')[-1])]}" for name in dataset.names
    ]
    assert dataset.given_validation.tolist() == list(range(20, 30))


def test_a_table_that_numbers_the_pictures_is_no_table_of_labels(tmp_path, put):
    for row in range(8):
        put(f"{'ab'[row % 2]}/{row}.png", row)
    (tmp_path / "images.txt").write_text("".join(f"{row + 1} {'ab'[row % 2]}/{row}.png\n" for row in range(8)))
    with pytest.warns(DataWarning) as said:
        assert open_dataset(tmp_path).class_names == ("a", "b")
    assert [str(each.message).split(": ", 1)[1] for each in said] == ["1 file not read: 1 is not a picture (.txt)"]


@pytest.mark.parametrize(
    ("names", "said"), [(("images", "masks"), True), (("JPEGImages", "gt"), True), (("x", "y"), False)]
)
def test_folders_of_pictures_and_their_masks_are_taken_as_classes_with_a_word(tmp_path, put, names, said):
    for row in range(6):
        put(f"{names[row % 2]}/{row // 2}.png", row)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        assert open_dataset(tmp_path).class_names == names
    assert said == any("called as pictures and what belongs to each" in str(each.message) for each in found)


def test_a_comma_without_quotes_never_makes_half_a_title_a_class(tmp_path, put):
    for row in range(12):
        put(f"{row}.png", row)
    titles = [f"portrait {row}" if row != 7 else "Tom, the old" for row in range(12)]
    rows = [f"{row}.png,{titles[row]},{['cat', 'dog'][row % 2]}" for row in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,title,label", *rows]))
    with pytest.raises(DataError, match=r"labels.csv: row 8 has 4 cells, expected 3; put what holds .* into quotes"):
        open_dataset(tmp_path)
    # Behind the label it does no harm.
    rows = [f"{row}.png,{['cat', 'dog'][row % 2]},{titles[row]}" for row in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,title", *rows]))
    assert open_dataset(tmp_path).named_labels.tolist() == ["cat", "dog"] * 6


def test_row_numbers_that_r_writes_without_a_name_are_no_labels(tmp_path, put):
    for row in range(12):
        put(f"{row:02}.png", row)
    rows = [f'"{row + 1}","{row:02}.png","{["cat", "dog"][row % 2]}"' for row in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(['"file","label"', *rows]))
    assert open_dataset(tmp_path).named_labels.tolist() == ["cat", "dog"] * 6


def test_a_text_beside_each_picture_is_no_table(tmp_path, put):
    for row in range(60):
        put(f"{'ab'[row % 2]}/{row}.png", row)
        (tmp_path / "ab"[row % 2] / f"{row}.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    with pytest.warns(DataWarning, match=r"60 files not read: 60 are not pictures \(.txt\)"):
        assert np.bincount(open_dataset(tmp_path).labels).tolist() == [30, 30]


def test_a_column_of_parts_in_the_table_is_respected(tmp_path, put, digits):
    parts = ["test", "val", "train", "train", "train"]
    labels = [f"class {row % 3}" for row in range(30)]
    for row in range(30):
        put(f"{row}.png", row)
    lines = [f"{row}.png,{labels[row]},{parts[row % 5]}" for row in range(30)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,split", *lines]))
    dataset = open_dataset(tmp_path)
    assert (len(dataset.given_test), len(dataset.given_validation)) == (6, 6)
    assert [dataset.class_names[label] for label in dataset.labels[dataset.given_test]] == labels[0:30:5]


def test_rows_without_a_picture_and_pictures_without_a_row_are_counted(tmp_path, put, digits):
    for row in range(20):
        put(f"{row}.png", row)
    lines = [f"{row}.png,{digits[1][row]}" for row in range(15)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *lines, "98.png,3", "99.png,4"]))
    with pytest.warns(DataWarning) as said:
        dataset = open_dataset(tmp_path)
    texts = " | ".join(str(each.message) for each in said)
    assert "2 rows of labels.csv name pictures that are not there: 98.png, 99.png" in texts
    assert "5 pictures have no label and are not used" in texts
    assert len(dataset) == 15


def test_two_labels_for_one_picture_and_two_columns_of_labels_are_refused(tmp_path, put):
    for row in range(4):
        put(f"{row}.png", row)
    table = tmp_path / "labels.csv"
    table.write_text("file,label\n0.png,a\n1.png,b\n0.png,b\n2.png,a\n3.png,b")
    with pytest.raises(DataError, match=r"gives 0.png two labels, 'a' and 'b'"):
        open_dataset(tmp_path)
    table.write_text("file,colour,shape\n0.png,a,x\n1.png,b,y\n2.png,a,y\n3.png,b,y")
    with pytest.raises(DataError, match=r"several columns could be the labels: colour, shape; .*try labels=colour"):
        open_dataset(tmp_path)
    assert open_dataset(tmp_path, labels="shape").class_names == ("x", "y")


def test_names_of_classes_beside_the_folders_name_them_in_their_order(tmp_path, put):
    for row in range(6):
        put(f"data/{row % 3}/{row}.png", row)
    (tmp_path / "data" / "classes.txt").write_text("zero\none\ntwo\n")
    dataset = open_dataset(tmp_path / "data")
    assert dataset.class_names == ("zero", "one", "two")
    assert dataset.labels.tolist() == [0, 0, 1, 1, 2, 2]
    (tmp_path / "data" / "classes.txt").unlink()
    (tmp_path / "data" / "label_map.json").write_text(json.dumps({"two": 2, "one": 1, "zero": 0}))
    assert open_dataset(tmp_path / "data").class_names == ("zero", "one", "two")


def test_names_that_do_not_fit_the_folders_are_not_used_and_that_is_said(tmp_path, put):
    for row in range(6):
        put(f"{'ab'[row % 2]}/{row}.png", row)
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    with pytest.warns(DataWarning, match=r"classes.txt is not used: it does not name every one of the classes found"):
        assert open_dataset(tmp_path).class_names == ("a", "b")


def test_pictures_that_nobody_has_labelled_come_in_natural_order_with_their_names(tmp_path, put, digits):
    for row in (10, 2, 1):
        put(f"scans/{row}.png", row)
    put("scans/more/3.png", 3)
    raw = read_source(tmp_path / "scans", ReadOptions(labelled=False))
    assert list(raw.names) == ["1.png", "2.png", "10.png", "more/3.png"]
    assert raw.labels is None
    assert np.array_equal(np.round(raw.images[2, ..., 0] * 255), digits[0][10])


def test_no_picture_is_left_out_of_a_prediction_whatever_its_folder_is_called(tmp_path, put):
    for part in ("train", "test", "extra"):
        put(f"{part}/a/{part}.png", 1)
    raw = read_source(tmp_path, ReadOptions(labelled=False))
    assert list(raw.names) == ["extra/a/extra.png", "test/a/test.png", "train/a/train.png"]


def test_names_are_kept_for_every_image(tmp_path, put):
    for row in range(4):
        put(f"{'ab'[row % 2]}/{row}.png", row)
    raw = read_source(tmp_path, ReadOptions())
    assert list(raw.names) == ["a/0.png", "a/2.png", "b/1.png", "b/3.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_links_and_pipes_among_pictures_do_no_harm(tmp_path, put):
    for row in range(6):
        put(f"data/{'ab'[row % 2]}/{row}.png", row)
    (tmp_path / "data" / "a" / "loop").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "a" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "data" / "b" / "pipe.png")
    shutil.move(tmp_path / "data" / "b" / "1.png", tmp_path / "outside.png")
    (tmp_path / "data" / "b" / "1.png").symlink_to(tmp_path / "outside.png")
    with pytest.warns(DataWarning, match="3 files not read: 1 a link that leads back, 1 a link to nothing, 1 a pipe"):
        dataset = open_dataset(tmp_path / "data")
    assert np.bincount(dataset.labels).tolist() == [3, 3]


def test_a_table_with_the_words_of_fer2013_reserves_its_parts_beside_pictures_too(tmp_path, put, digits):
    usage = ["Training"] * 8 + ["PublicTest"] * 3 + ["PrivateTest"] * 3
    for row in range(14):
        put(f"{row}.png", row)
    rows = [f"{row}.png,{row % 2},{part}" for row, part in enumerate(usage)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,Usage", *rows]))
    dataset = open_dataset(tmp_path)
    order = [*range(8), *range(8, 11), *range(11, 14)]
    assert np.array_equal(np.round(dataset.images[..., 0] * 255), digits[0][order])
    assert dataset.given_validation.tolist() == [8, 9, 10]
    assert dataset.given_test.tolist() == [11, 12, 13]
    rows[2] = rows[2].replace("Training", "Reserve")
    (tmp_path / "labels.csv").write_text("\n".join(["file,label,Usage", *rows]))
    with pytest.raises(DataError, match=r"gives 2.png the part 'Reserve', expected training, validation or test"):
        open_dataset(tmp_path)


def test_a_first_row_whose_picture_is_missing_is_no_header(tmp_path, put):
    for row in range(1, 7):
        put(f"img_{row}.png", row)
    rows = [f"img_{row},{'cat' if row % 2 else 'dog'}" for row in (9, *range(1, 7))]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("cat", "dog")
    assert any("1 row of labels.csv names a picture that is not there: img_9" in note for note in dataset.notes)
    (tmp_path / "labels.csv").write_text("\n".join(["my scan,my guess", *rows[1:]]))
    dataset = open_dataset(tmp_path)
    assert dataset.labels.tolist() == [0, 1] * 3
    assert not any("name no picture" in note for note in dataset.notes)


def test_a_class_between_underscores_is_one_and_hidden_pictures_are_counted(tmp_path, put):
    for row in range(6):
        put(f"{('__blank__', 'a', 'b')[row % 3]}/{row}.png", row)
    put("a/.old.png", 7)
    put(".kept/x.png", 8)
    put("__MACOSX/a/9.png", 9)
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    dataset = open_dataset(tmp_path)
    assert dataset.class_names == ("__blank__", "a", "b")
    assert len(dataset) == 6
    assert "2 files not read: 2 hidden (a name that begins with a dot)" in dataset.notes


def test_two_folders_that_a_list_calls_the_same_stay_two_classes_and_that_is_said(tmp_path, put):
    for row in range(6):
        put(f"{('0', 'cat', 'dog')[row % 3]}/{row}.png", row)
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    with pytest.warns(DataWarning, match=r"classes.txt is not used: 0 and cat are the same class in it, cat"):
        assert open_dataset(tmp_path).class_names == ("0", "cat", "dog")


@pytest.mark.parametrize("word", ["none", "null", "NA"])
def test_a_folder_may_be_called_none_and_is_a_class(word, tmp_path, put):
    for row in range(6):
        put(f"{('cat', 'dog', word)[row % 3]}/{row}.png", row)
    with pytest.warns(DataWarning, match=rf"'{word}' is the name of a folder, and so of a class like any other"):
        dataset = open_dataset(tmp_path)
    assert sorted(dataset.class_names) == sorted(("cat", "dog", word))
    assert [dataset.class_names[label] for label in dataset.labels].count(word) == 2


def test_in_a_table_the_same_word_means_that_there_is_no_label(tmp_path, put):
    for row in range(4):
        put(f"{row}.png", row)
    (tmp_path / "labels.csv").write_text("file,label\n0.png,a\n1.png,b\n2.png,none\n3.png,b")
    with pytest.raises(DataError, match=r"1 of 4 images have no label \(image 2.png\)"):
        open_dataset(tmp_path)
