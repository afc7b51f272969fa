"""What moves an accuracy, on the command line."""


def test_a_table_says_how_much_each_source_moves_an_accuracy(answer, tmp_path):
    code, out, err = answer("variation", "softmax", "knn", "--quick", "--repeats", "2", "--engine", "numpy")
    assert code == 0
    rows = [line.split("  ") for line in out.splitlines()[2:]]
    rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    varied = ["the split", "the order of the images", "the initial weights", "all of these", "test images, by chance"]
    assert [row[:2] for row in rows] == [[name, what] for name in ("softmax", "knn") for what in varied]
    deviations = {(row[0], row[1]): row[4] for row in rows}
    assert float(deviations["softmax", "the split"]) > 0
    assert deviations["softmax", "the initial weights"] == "never varies"  # all begin at zero
    assert deviations["knn", "the order of the images"] == deviations["knn", "the initial weights"] == "never varies"
    assert err.splitlines()[0].startswith("softmax: 4,010 parameters, ")
    assert list(tmp_path.iterdir()) == []


def test_a_network_has_to_be_named(answer):
    code, _, err = answer("variation")
    assert code == 2
    assert "NETWORK" in err


def test_one_training_is_refused(answer):
    code, _, err = answer("variation", "softmax", "--repeats", "1")
    assert code == 2
    assert "--repeats" in err
