from voxcpm_space.text import spell_out


def test_a_sentence_that_cannot_be_spelled_out_stays_as_it_is_and_the_others_are():
    # The brackets of the first one are more than wetext's parser can read.
    spelled = spell_out(["[see 1.5s] he said.", "I have 42 cats."])
    assert spelled == "[see 1.5s] he said. I have forty two cats."
