"""The page's words in its languages: a browser shows those of its own, else the English ones.

The key of each is what it says in English. What lower layers say, such as errors and advice, stands
in `sentences.py`: they speak English to everybody, and only the page translates it.

`t` is for what Gradio translates: labels, placeholders, names of choices. Where it does not, as in a
toast, or where words are mixed with HTML, `html` and `said` say it in all languages, and `CSS` hides
the others, from screen readers, too. To add a language, add its tables to `_TABLES` and `_SAID`, and
tell it from others in `CSS` and `script`.
"""

import json
from collections.abc import Mapping
from html import escape

from gradio.i18n import I18n, I18nData

from voxcpm_space.ui import sentences
from voxcpm_space.ui.templates import Template

_CHINESE: Mapping[str, str] = {
    # The page
    "Type a text and hear it: in a voice that you describe, or in a voice that you record.": (
        "输入文字，即可听到语音：用您描述的声音，或您录下的声音。"
    ),
    "Text to Speech": "文字转语音",
    "Voice Cloning": "声音克隆",
    "Batch": "批量生成",
    "{model} and this page are under the Apache 2.0 license. What you upload and what is made for "
    "you is deleted after {minutes} minutes, and nothing else of you is kept. Every file says in "
    "its comment tag that its speech is synthetic. Clone a voice only with the consent of the "
    "person it belongs to, and say so where you publish it.": (
        "{model} 与本页面均采用 Apache 2.0 许可证。您上传的和为您生成的内容将在 {minutes} 分钟后删除，"
        "除此之外不保留您的任何信息。每个文件的注释标签都注明语音为合成。"
        "请仅在声音所有者同意的情况下克隆其声音，并在发布时加以说明。"
    ),
    "Report misuse": "举报滥用",
    "Please report misuse to the person who runs this server.": "如发现滥用，请告知本服务器的管理者。",
    # The model
    "Downloading the model, {percent} done. It speaks when it is here.": (
        "正在下载模型，已完成 {percent}。下载完成后即可使用。"
    ),
    "Loading the model. You can type already.": "正在加载模型，您可以先输入文字。",
    "The server is stopping. Please come back in a minute.": "服务器正在停止，请稍后再来。",
    "This is the preview voice, not VoxCPM2.": "这是预览声音，不是 VoxCPM2。",
    "It is a small stand-in that runs anywhere, to try page and API with: a monotone English robot "
    "of which one word in three is lost, that ignores styles and takes no more than the pitch of a "
    "reference clip.": (
        "它是可在任何机器上运行的小型替代品，用来试用页面和 API：一个单调的英语机器人，"
        "三个词里有一个听不清，不理会风格，只跟随参考音频的音高。"
    ),
    "For the real voice start with {setting} and a network connection (about 5 GB to download; a "
    "GPU is recommended).": (
        "要使用真正的声音，请以 {setting} 启动并连接网络（需下载约 5 GB，建议使用 GPU）。"
    ),
    # What to say
    "Text": "文字",
    "What should be said?": "要说什么？",
    "What should the voice say?": "让这个声音说什么？",
    "Up to {number} characters, in any of 30 languages. Ctrl+Enter speaks it.": (
        "最多 {number} 个字符，支持 30 种语言。按 Ctrl+Enter 朗读。"
    ),
    "Voice description (optional)": "声音描述（可选）",
    "A warm old man, slow and calm": "温暖的老先生，语速缓慢而平静",
    "The voice in plain words: age, timbre, mood, pace.": "用平常的话描述声音：年龄、音色、情绪、语速。",
    "Off, since one of your voices is chosen, which sounds as it was kept.": (
        "已停用：已选择您保存的声音，它听起来与保存时一样。"
    ),
    "Voices to start from": "可作起点的声音",
    "Dialogue": "对话",
    "Lines such as “Ann: Hello” are said in turn, with a voice for each name.": (
        "形如“Ann: Hello”的各行轮流说出，每个名字一种声音。"
    ),
    "Describe each voice in plain words, or leave it to chance.": "用平常的话描述每个声音，或留空随机。",
    "No names yet. Begin a line with a name and a colon, such as Ann: Hello.": (
        "还没有名字。请以名字和冒号开头写一行，例如 Ann: Hello。"
    ),
    "Voice of": "声音：",
    "Voice before the first name": "第一个名字之前的声音",
    "A cheerful young woman": "开朗的年轻女子",
    "Fill in an example": "填入示例",
    # Settings
    "Advanced settings": "高级设置",
    "CFG scale": "CFG 强度",
    "Higher follows the text more strictly.": "越高越严格地遵循文字。",
    "DiT steps": "DiT 步数",
    "More can sound better and take longer.": "越多可能越好听，也越慢。",
    "Seed": "种子",
    "The seed of the last take.": "上一次生成所用的种子。",
    "New seed each time": "每次使用新种子",
    "Off: this seed again.": "关闭则再次使用此种子。",
    "Text normalization": "文字规范化",
    "Writes out numbers and dates as words.": "将数字和日期写成文字。",
    # The clip
    "Reference clip, best 5 to 20 s": "参考音频，以 5 到 20 秒为佳",
    "Or the URL of a clip": "或音频的网址",
    "Audio or video on a public server. Press Enter to look at it.": (
        "公开服务器上的音频或视频。按 Enter 查看。"
    ),
    "The part to use begins at second": "所用部分开始于（秒）",
    "Remove noise from the clip": "去除音频中的噪声",
    "I may use this voice: it is mine, or the person it belongs to has agreed.": (
        "我可以使用这个声音：它是我自己的，或其所有者已经同意。"
    ),
    "Transcript of the clip (optional)": "音频的文字稿（可选）",
    "Exactly what is said in the clip, word for word: gives the closest clone.": (
        "逐字写出音频中所说的话，克隆最为接近。"
    ),
    "Off, since one of your voices is chosen, in place of a clip.": (
        "已停用：已选择您保存的声音来代替音频。"
    ),
    "Style (optional)": "风格（可选）",
    "cheerful, a little faster": "欢快，稍快一些",
    "How to say it, in plain words. Not together with a transcript.": (
        "用平常的话说明怎么说。不能与文字稿同时使用。"
    ),
    "Off, since a transcript is given: VoxCPM2 would read the style aloud.": (
        "已停用：已给出文字稿，否则 VoxCPM2 会把风格读出来。"
    ),
    "Off, since the chosen voice was kept with its transcript.": (
        "已停用：所选声音保存时带有文字稿。"
    ),
    "Voices to try": "可试用的声音",
    "{start} to {end} s of {seconds} s are used.": "使用 {seconds} 秒中的第 {start} 至 {end} 秒。",
    # Own voices
    "My voices": "我的声音",
    "Speak with": "使用的声音",
    "Voices that you keep under a result. They stay in this browser, and in files of your own.": (
        "您在结果下方保存的声音，只存在于此浏览器和您自己的文件中。"
    ),
    "Add a voice file": "添加声音文件",
    "Delete": "删除",
    "None of them": "不使用",
    "Delete this voice from this browser?": "要从此浏览器中删除这个声音吗？",
    "Designed: {words}.": "设计：{words}。",
    "Confirmed on {words}": "确认于 {words}",
    "It was kept with its transcript, so it takes no style.": "它保存时带有文字稿，因此不接受风格。",
    "Keep this voice": "保存这个声音",
    "Its name": "它的名字",
    "Keep": "保存",
    "Download the voice file": "下载声音文件",
    # At work
    "Generate": "生成",
    "Stop": "停止",
    "Starting": "正在开始",
    "Waiting: {ahead} before it, about {seconds} s": "等待中：前面有 {ahead} 个，约 {seconds} 秒",
    "Part {number} of {all}: ": "第 {number} 部分，共 {all} 部分：",
    "{made} s made, of about {expected} s": "已生成 {made} 秒，共约 {expected} 秒",
    "; about {minutes} min {seconds} s left": "；还需约 {minutes} 分 {seconds} 秒",
    "; about {seconds} s left": "；还需约 {seconds} 秒",
    ". It will play when it is ready.": "。完成后即可播放。",
    "Nothing was made.": "没有生成任何内容。",
    # The result
    "Your speech appears here.": "您的语音将显示在这里。",
    "This is a part: it ended before all of the text was spoken.": "这是一部分：全文尚未说完就结束了。",
    "Changed before it was spoken:": "朗读前的改动：",
    "; ": "；",
    ".": "。",
    "invisible characters removed": "去除了不可见字符",
    "unusual spaces made plain": "规范了特殊空格",
    "Markdown marks removed": "去除了 Markdown 标记",
    "web addresses shortened": "缩短了网址",
    "typographic quotes made plain": "规范了引号",
    "{seconds} s of speech": "{seconds} 秒语音",
    "made in {seconds} s": "用时 {seconds} 秒",
    "seed {seed}": "种子 {seed}",
    "Format": "格式",
    "Download": "下载",
    "Being made…": "正在生成…",
    "Subtitles, SRT": "字幕 SRT",
    "Subtitles, VTT": "字幕 VTT",
    "A part that is not right": "不满意的部分",
    "It is made again with another seed, in the same voice; the rest stays as it is.": (
        "用另一个种子以同样的声音重新生成，其余部分不变。"
    ),
    "Make this part again": "重新生成此部分",
    "Picture": "图像",
    "Earlier in this visit": "本次访问中较早的语音",
    "seed": "种子",
    "Puts a speech back, with its text and settings.": "恢复一段语音及其文字和设置。",
    # Batch
    "Texts, one clip a line (.txt or .csv)": "文字，每行一段（.txt 或 .csv）",
    "Up to {rows} lines. The first line of a CSV file names its columns: {column}, and where wanted "
    "{columns}.": "最多 {rows} 行。CSV 文件的第一行为列名：{column}，以及需要时的 {columns}。",
    "Voice description of lines without one (optional)": "没有描述的各行的声音描述（可选）",
    "Your clips appear here, in one ZIP file with a table of their settings.": (
        "您的音频将显示在这里：一个 ZIP 文件，附有设置表。"
    ),
    "Clip {number} of {all}: ": "第 {number} 段，共 {all} 段：",
    "waiting, since there were many requests": "等待中，因为请求较多",
    "All {made} clips are made.": "全部 {made} 段已生成。",
    "{made} of {lines} clips are made. settings.csv says what became of the others.": (
        "{lines} 段中已生成 {made} 段，其余各行的情况见 settings.csv。"
    ),
    "Download the ZIP file": "下载 ZIP 文件",
}
_ENGLISH: Mapping[str, str] = {english: english for english in _CHINESE}
_TABLES: Mapping[str, Mapping[str, str]] = {
    "en": _ENGLISH,
    **dict.fromkeys(("zh", "zh-CN", "zh-TW", "zh-HK"), _CHINESE),
}
_filled: dict[str, dict[str, str]] = {language: {} for language in _TABLES}
_SAID = {
    language: sorted(
        ((Template.of(english), translation) for english, translation in table.items()),
        key=lambda entry: -entry[0].said,  # of two that match, the one that says more
    )
    for language, table in {"zh": sentences.CHINESE}.items()
}
_DEEPEST = 3
"""A part of a part; deeper only a stranger's value looks like ours."""

HEAD = "<script>document.documentElement.lang = navigator.language</script>"
"""For the page's head: tells the styles below the visitor's language."""
GAP = "<span lang='en'> </span>"
"""Between sentences of HTML, in languages that have a space there."""
CSS = """
html:lang(zh) [lang="en"], html:not(:lang(zh)) [lang="zh"] { display: none; }
span[lang] { color: inherit !important; font-size: inherit !important; }
"""


def catalogue() -> I18n:
    """Gives all tables to Gradio, whose page picks one; to be asked when the page is built."""
    return I18n(**{language: {**table, **_filled[language]} for language, table in _TABLES.items()})


def t(english: str, **values: object) -> str:
    """Gives the mark that a browser replaces by words in its language; one for each property.

    Args:
        english: As the catalogue has it.
        values: Of what stands in braces; known when the page is built.

    Raises:
        KeyError: The catalogue does not have it.
    """
    filled = _ENGLISH[english].format(**values)
    for language, table in _TABLES.items():
        _filled[language][filled] = table[english].format(**values)
    return str(I18nData(filled))


def html(english: str, **values: object) -> str:
    """Gives HTML that says it in every language, of which the page shows one.

    Args:
        english: As the catalogue has it.
        values: Of what stands in braces, HTML too.

    Raises:
        KeyError: The catalogue does not have it.
    """
    return _in_every_language(
        {language: _TABLES[language][english].format(**values) for language in ("en", *_SAID)}
    )


def script(english: str) -> str:
    """Gives JavaScript that is its words in the visitor's language.

    Args:
        english: As the catalogue has it.
    """
    chinese = json.dumps(_CHINESE[english])
    return f"(document.documentElement.matches(':lang(zh)') ? {chinese} : {json.dumps(english)})"


def said(sentence: str) -> str:
    """Gives as HTML what comes from beyond the page, translated where it is known.

    Args:
        sentence: Of the page's words or of `sentences.py`, its fields filled in by anybody.
    """
    if sentence in _ENGLISH:
        return html(sentence)
    shown = {"en": escape(sentence)}
    for language in _SAID:
        translated = _translated(sentence, language)
        if translated is None:
            return escape(sentence)
        shown[language] = translated
    return _in_every_language(shown)


def _translated(sentence: str, language: str, depth: int = 0) -> str | None:
    """Gives it in HTML, and so the values of its fields; None where nobody has translated it."""
    if depth > _DEEPEST:
        return None
    for template, translation in _SAID[language]:
        values = template.values(sentence)
        if values is not None:
            return translation.format(
                **{
                    field: _translated(value, language, depth + 1) or escape(value)
                    for field, value in values.items()
                }
            )
    return None


def _in_every_language(shown: Mapping[str, str]) -> str:
    return "".join(f"<span lang='{language}'>{text}</span>" for language, text in shown.items())
