import zipfile

from playwright.sync_api import expect

from tests.e2e.test_for_everyone import serious_findings
from tests.e2e.test_page import LONG, Tab

TABLE = "text;name\nThe train was late again.;first\n?!;\nWe have to wait here.;../third\n"


def test_a_table_of_texts_becomes_a_zip_file_of_clips(page, server, tmp_path):
    (tmp_path / "texts.csv").write_text(TABLE)
    before = server.made_files()
    batch = Tab(page, "Batch")
    batch.panel.locator("input[type=file]").set_input_files(tmp_path / "texts.csv")
    rows = batch.panel.get_by_role("list", name="Clips").get_by_role("listitem")
    expect(rows).to_have_count(3)  # to look at before they are made
    batch.generate()
    expect(batch.bar.locator("~ .bar-text")).to_contain_text(" of 3: ")
    expect(batch.panel.get_by_text("2 of 3 clips are made.")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("only punctuation")
    expect(rows.nth(2)).to_contain_text("../third · 0:0")
    rows.nth(2).get_by_role("button", name="Play: We have to wait").click()
    expect(rows.nth(2).get_by_role("button", name="Pause")).to_be_visible()
    with page.expect_download() as started:
        batch.panel.get_by_role("button", name="Download the ZIP file").click()
    started.value.save_as(tmp_path / "clips.zip")
    with zipfile.ZipFile(tmp_path / "clips.zip") as archive:
        assert archive.namelist() == ["001-first.wav", "003-third.wav", "settings.csv"]
    expect(batch.panel.get_by_role("button", name="Generate")).to_have_css("opacity", "1")
    assert serious_findings(page) == []
    assert len(server.made_files()) == len(before) + 1
    files = [file for file in server.uploads.rglob("[!.]*") if file.is_file()]
    assert all(file.stat().st_size for file in files)
    assert len([file for file in files if file.suffix == ".zip"]) == 1  # no copy elsewhere


def test_lines_that_were_stopped_are_made_again_and_the_others_stay(page, tmp_path):
    (tmp_path / "texts.txt").write_text(f"Hello.\n{LONG[:200]}\nGood morning.\n")
    batch = Tab(page, "Batch")
    batch.panel.locator("input[type=file]").set_input_files(tmp_path / "texts.txt")
    rows = batch.panel.get_by_role("list", name="Clips").get_by_role("listitem")
    expect(rows).to_have_count(3)
    batch.generate()
    expect(batch.bar.locator("~ .bar-text")).to_contain_text("Clip 2 of 3")
    play = rows.nth(0).get_by_role("button", name="Play: Hello.")
    expect(play).to_be_enabled()  # while the others are made
    batch.stop()
    expect(rows.nth(1)).to_contain_text("This is a part")
    expect(rows.nth(2)).to_contain_text("the batch was stopped before")
    batch.panel.get_by_role("button", name="Make the failing lines again").click()
    expect(batch.panel.get_by_text("All 3 clips are made.")).to_be_visible()
    expect(rows.nth(1)).not_to_contain_text("This is a part")
    expect(rows.nth(2)).to_contain_text("0:0")
    expect(batch.panel.get_by_role("button", name="Make the failing lines again")).to_be_hidden()


def test_a_file_that_cannot_be_used_says_so_at_once_and_an_example_can_be_had(page, tmp_path):
    (tmp_path / "wrong.csv").write_text("name\nx\n")
    batch = Tab(page, "Batch")
    batch.panel.locator("input[type=file]").set_input_files(tmp_path / "wrong.csv")
    expect(batch.panel.get_by_text("must name its columns, and one must be text")).to_be_visible()
    with page.expect_download() as started:
        batch.panel.get_by_role("button", name="Download an example file").click()
    started.value.save_as(tmp_path / "example.csv")
    batch.panel.get_by_label("Remove").or_(batch.panel.get_by_label("Clear")).first.click()
    batch.panel.locator("input[type=file]").set_input_files(tmp_path / "example.csv")
    expect(batch.panel.get_by_role("list", name="Clips").get_by_role("listitem")).to_have_count(3)


def test_stop_keeps_the_clips_that_are_made(page, tmp_path):
    (tmp_path / "long.txt").write_text(f"Hello.\n{LONG}\n{LONG}\n")
    batch = Tab(page, "Batch")
    batch.panel.locator("input[type=file]").set_input_files(tmp_path / "long.txt")
    expect(batch.panel.get_by_role("cell", name="long.txt")).to_be_visible()
    batch.generate()
    expect(batch.bar.locator("~ .bar-text")).to_contain_text("Clip 2 of 3")
    batch.stop()
    expect(batch.panel.get_by_text("of 3 clips are made.")).to_be_visible()
    expect(batch.panel.get_by_role("button", name="Generate")).to_be_enabled()
