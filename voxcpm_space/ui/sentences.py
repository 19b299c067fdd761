"""What lower layers say in English, for the page's other language: errors, advice, examples.

Keys are the sentences as they are raised, with a name in braces for each part that differs; such a
part is translated, too, where it stands here itself. Nobody below the page knows of this table.
"""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    # The text
    "The text is empty. Please give at least one word to speak.": "文字为空。请至少输入一个要说的词。",
    "The text holds only {kind}, which cannot be spoken. Please add at least one word.": (
        "文字中只有{kind}，无法朗读。请至少加入一个词。"
    ),
    "symbols or emoji": "符号或表情",
    "punctuation": "标点",
    "The {name} has {count} characters; at most {most} are allowed. Please shorten it, or send it "
    "in parts.": "{name}有 {count} 个字符，最多允许 {most} 个。请缩短，或分次提交。",
    "The {name} is not valid Unicode: character {position} is a lone surrogate. Please send it as "
    "UTF-8.": "{name}不是有效的 Unicode：第 {position} 个字符是孤立的代理项。请以 UTF-8 提交。",
    "The {name} holds the control character U+{code} at position {position}. Please remove it.": (
        "{name}的第 {position} 个字符是控制字符 U+{code}。请将其删除。"
    ),
    "text": "文字",
    "voice description": "声音描述",
    "voice description of {name}": "“{name}”的声音描述",
    "style": "风格",
    "transcript": "文字稿",
    "transcript (prompt_text)": "文字稿",
    "name of the voice": "声音的名字",
    "transcript of the voice": "声音的文字稿",
    "description of the voice": "声音的描述",
    "model of the voice": "声音的模型",
    "consent of the voice": "声音的同意说明",
    "{mark} cannot be made. A pause lasts from {least} to {most} seconds, and is written as "
    "[pause 1.5s] or [pause 500ms].": (
        "无法停顿：{mark}。停顿时长为 {least} 至 {most} 秒，写作 [pause 1.5s] 或 [pause 500ms]。"
    ),
    "The text has {count} pauses; at most {most} are allowed. Please leave some of them out, or "
    "send the text in parts.": (
        "文字中有 {count} 处停顿，最多允许 {most} 处。请减少停顿，或分次提交文字。"
    ),
    "The dialogue has {count} names ({names}); at most {most} are allowed. Whatever stands before "
    "a colon at the start of a line is taken for a name.": (
        "对话中有 {count} 个名字（{names}），最多允许 {most} 个。行首冒号前的内容都会被当作名字。"
    ),
    "{name} must be {allowed}, not {given}.": "{name} 必须是{allowed}，不能是 {given}。",
    "a number from {least} to {most}": " {least} 至 {most} 的数字",
    "a whole number from 0 to {most}": " 0 至 {most} 的整数",
    "a whole number from 1 to {most}": " 1 至 {most} 的整数",
    "a number of seconds, 0 or more": "秒数（不小于 0）",
    "true or false": " true 或 false",
    "a string": "文字",
    # The reference clip: whence it comes
    "There is no reference clip. Please upload or record one, or give a URL.": (
        "没有参考音频。请上传或录制一段，或填写网址。"
    ),
    "reference_audio_url must be an http(s) or data: URL, the name of an example clip, or an "
    "uploaded file (with gradio_client: handle_file('clip.wav')).": (
        "音频的网址须为 http(s) 或 data: 网址，或示例音频的名称；也可以上传文件。"
    ),
    "This is a data: URL that cannot be read. It must look like data:TYPE;base64,CONTENT.": (
        "无法读取此 data: 网址。其形式须为 data:TYPE;base64,CONTENT。"
    ),
    "The file could not be downloaded from its URL. Please check that it is an http or https URL "
    "without a password, on a public server and a usual port, and that it opens in a browser "
    "without signing in; or upload the file instead.": (
        "无法从该网址下载文件。请确认它是不含密码的 http 或 https 网址，位于公开服务器的常用端口，"
        "且无需登录即可在浏览器中打开；也可以改为上传文件。"
    ),
    "The URL redirects more than {times} times. Please give the one where it ends.": (
        "该网址重定向超过 {times} 次。请填写最终的网址。"
    ),
    "The server of the URL sent nothing for {seconds} s. Please use a faster server, or upload the "
    "file instead.": "该网址的服务器 {seconds} 秒内没有发送任何内容。请换用更快的服务器，或改为上传文件。",
    "The server of the URL sends the file in too many small pieces. Please use another server, or "
    "upload the file instead.": (
        "该网址的服务器把文件拆成了过多的小块。请换用其他服务器，或改为上传文件。"
    ),
    "The file did not arrive within {seconds} s. Please use a faster server, or upload the file "
    "instead.": "文件未能在 {seconds} 秒内下载完成。请换用更快的服务器，或改为上传文件。",
    "The server of the URL sends the file packed in a way that is not accepted here. Please upload "
    "it instead.": "该网址的服务器以此处不支持的方式压缩文件。请改为上传文件。",
    "The file is larger than {size} MB. Please use a shorter or compressed one.": (
        "文件大于 {size} MB。请使用更短或经过压缩的文件。"
    ),
    "Too many files are being downloaded now.": "正在下载的文件过多。",
    # The reference clip: what it is
    "The reference clip is not audio that can be read here, or it is damaged. Please use a WAV, "
    "FLAC, MP3, OGG, M4A or WebM file, or a video with sound.": (
        "参考音频不是可读取的音频，或已损坏。"
        "请使用 WAV、FLAC、MP3、OGG、M4A 或 WebM 文件，或有声音的视频。"
    ),
    "The reference clip has no sound, only pictures or text. Please use one with a voice.": (
        "参考音频没有声音，只有图像或文本。请使用有人声的文件。"
    ),
    "The reference clip has an unusual sample rate or number of channels. Please save it as mono "
    "or stereo at 16 to 48 kHz.": (
        "参考音频的采样率或声道数不常见。请另存为 16 至 48 kHz 的单声道或立体声。"
    ),
    "The reference clip unpacks to more than can be decoded here. Please save it again as a WAV, "
    "FLAC or MP3 file.": ("参考音频解压后过大，无法解码。请重新保存为 WAV、FLAC 或 MP3 文件。"),
    "The reference clip is incomplete: it ends before the place that says where its sound is. "
    "Please send the whole file again.": (
        "参考音频不完整：缺少说明声音所在位置的部分。请重新提交完整的文件。"
    ),
    "The reference clip is a playlist or a link: it names other files, which are not opened. "
    "Please use the file with the sound itself.": (
        "参考音频是播放列表或链接：它指向其他文件，而那些文件不会被打开。请使用音频文件本身。"
    ),
    "Too many clips are being decoded now.": "正在解码的音频过多。",
    "The reference clip is only {seconds} s long. Please use at least 1 s; 5 to 20 s of clear "
    "speech are best.": (
        "参考音频只有 {seconds} 秒。请至少使用 1 秒，以 5 到 20 秒清晰的语音为佳。"
    ),
    "The reference clip holds samples that are not numbers; it is damaged.": (
        "参考音频含有不是数字的采样值，文件已损坏。"
    ),
    "The reference clip is silent. Please record it again closer to the microphone.": (
        "参考音频没有声音。请靠近麦克风重新录制。"
    ),
    # The reference clip: advice
    "Only the first {seconds} s of the clip were looked at.": "只查看了音频的前 {seconds} 秒。",
    "The clip is damaged or cut off: {seconds} s of it could be read. If that is not enough, "
    "please send the whole file again.": (
        "音频已损坏或被截断，只读出了 {seconds} 秒。如果不够，请重新提交完整的文件。"
    ),
    "Of the {seconds} s of the clip those from {start} to {end} s are used.": (
        "音频共 {seconds} 秒，使用其中第 {start} 至 {end} 秒。"
    ),
    "There are only {seconds} s of speech in the clip; 5 to 20 s clone better.": (
        "音频中只有 {seconds} 秒语音；5 到 20 秒的克隆效果更好。"
    ),
    "The clip is very quiet, so its hiss is turned up. Record closer to the microphone.": (
        "音频音量很小，底噪会随之放大。请靠近麦克风录制。"
    ),
    "The clip is clipped: it was recorded too loudly. Turn the microphone down.": (
        "音频有削波：录音音量过大。请调低麦克风音量。"
    ),
    "There is much noise in the clip. Record in a quiet room, or have the noise removed.": (
        "音频中噪声较多。请在安静的房间录制，或勾选去除噪声。"
    ),
    "The clip sounds like a telephone: it has nothing above 4 kHz. The clone will be as dull; use "
    "a better recording if there is one.": (
        "音频听起来像电话录音：没有 4 kHz 以上的声音。克隆的声音也会同样发闷；"
        "如有更好的录音，请换用。"
    ),
    "There are long silences in the clip, as if somebody else had been cut out. Use a stretch in "
    "which one person speaks.": (
        "音频中有较长的静音，像是剪掉了另一个人的声音。请使用只有一个人说话的片段。"
    ),
    "The transcript is not used: it is that of the whole clip, not of this part.": (
        "未使用文字稿：它对应整段音频，而不是所用的这一部分。"
    ),
    "The clip was used with its noise, since nothing is left without it.": (
        "使用了未去除噪声的音频，因为去除后什么都没有留下。"
    ),
    "The clip was used with its noise. {why}": "使用了未去除噪声的音频。{why}",
    "Many others are having noise removed; please try again in a minute.": (
        "正在去除噪声的人较多，请稍后再试。"
    ),
    "The clip was used with its noise. It could not be removed from this one.": (
        "使用了未去除噪声的音频：无法去除其中的噪声。"
    ),
    "The clip was used with its noise.": "使用了未去除噪声的音频。",
    "{model} is still being loaded.": "{model}仍在加载。",
    "{model} cannot be loaded here.": "{model}无法在此加载。",
    "The model that removes noise": "去除噪声的模型",
    # Kept voices
    "voice must be an http(s) or data: URL of a voice file, or an uploaded one (with "
    "gradio_client: handle_file('voice.safetensors')).": "请上传声音文件。",
    "This is not a voice file that can be used here: {why}. Please choose one that was kept with "
    '"Keep this voice" on the page.': (
        "无法使用这个声音文件：{why}。请选择通过本页面“保存这个声音”保存的文件。"
    ),
    "it is larger than {size} MB": "大于 {size} MB",
    "it is not in the safetensors format": "不是 safetensors 格式",
    "it holds something else": "内容不是声音",
    "it is of another version than {version}": "版本不是 {version}",
    "it was made at another sample rate than {rate} Hz": "生成时的采样率不是 {rate} Hz",
    "it does not say {what}": "缺少 {what}",
    "it does not hold the tensors that a voice has": "缺少声音应有的张量",
    "its numbers are not float32": "数值不是 float32",
    "it holds numbers that no voice has": "含有声音不可能有的数值",
    "its tensors have another shape than those of the model": "张量形状与模型的不同",
    "it does not last 1 to {seconds} s": "时长不在 1 至 {seconds} 秒之间",
    "This voice was made with the model {model}, and means nothing to {other}, which speaks here. "
    "Please make and keep it again.": (
        "这个声音由模型 {model} 生成，不能用于当前的模型 {other}。请重新生成并保存。"
    ),
    "This voice takes no style: it was kept with its transcript, so VoxCPM2 goes on from that as "
    "it is and would read the style aloud. Please leave the style out.": (
        "这个声音不接受风格：它保存时带有文字稿，VoxCPM2 会原样接续，并把风格读出来。请不要填写风格。"
    ),
    "This browser keeps {count} voices or about 1.3 MB of them, and has no room for this one. "
    "Please delete another one first; this one you can still download.": (
        "此浏览器最多保存 {count} 个声音或约 1.3 MB，已没有空间保存这一个。"
        "请先删除其他声音；这一个仍可下载。"
    ),
    '"{name}" is now one of your voices, in this browser only.': (
        "“{name}”已加入您的声音，仅保存在此浏览器中。"
    ),
    "This speech is not remembered any more. Please make it again.": "此语音已失效。请重新生成。",
    "Please give the voice a name.": "请给这个声音起个名字。",
    "Please confirm first that you may use this voice: it is your own, or the person it belongs to "
    "has agreed.": "请先确认您可以使用这个声音：它是您自己的，或其所有者已经同意。",
    # The speech
    "{what} may have gone wrong: {fault}. Another seed may help.": (
        "{what}可能有问题：{fault}。换一个种子也许会更好。"
    ),
    "Part {number} of {all}": "第 {number} 部分（共 {all} 部分）",
    "The speech": "语音",
    "it is silent": "没有声音",
    "it did not come to an end": "没有正常结束",
    "it is far too long for its text": "相对于文字过长",
    "it is far too short for its text": "相对于文字过短",
    "Text, transcript and reference clip together are too long for the model. Please shorten one "
    "of them.": "文字、文字稿和参考音频合起来超出了模型的长度。请缩短其中之一。",
    "This speech is gone. Please generate it again.": "此语音已被删除。请重新生成。",
    "This speech is gone: files are kept for {minutes} minutes. Please generate it again.": (
        "此语音已被删除：文件只保留 {minutes} 分钟。请重新生成。"
    ),
    "The speech has {count} parts. Please choose one of them.": (
        "语音共有 {count} 个部分。请选择其中之一。"
    ),
    "The format must be one of {formats}.": "格式须为以下之一：{formats}。",
    # Batch
    "There is no file. Please upload one with a text on each line.": (
        "没有文件。请上传每行一段文字的文件。"
    ),
    "The file has no lines to speak. Please write one text a line.": (
        "文件中没有可朗读的行。请每行写一段文字。"
    ),
    "The file has {count} {unit}; at most {most} are allowed. Please send it in parts.": (
        "文件有 {count} {unit}，最多允许 {most} {unit}。请分次提交。"
    ),
    "lines": "行",
    "characters of text": "个字符",
    "The file is larger than {size} MB. Please send it in parts.": "文件大于 {size} MB。请分次提交。",
    "The file is not text in UTF-8. Please save it as that; spreadsheets call it “CSV UTF-8”.": (
        "文件不是 UTF-8 文本。请另存为该格式，在电子表格软件中称为“CSV UTF-8”。"
    ),
    "The file is not text: it holds zeros. Please save it as text or CSV.": (
        "文件不是文本：其中含有零字节。请另存为文本或 CSV。"
    ),
    "Line {number} of the file has {cells} cells, but there are {columns} columns. A text with a "
    "{delimiter} in it must stand in double quotes.": (
        "文件第 {number} 行有 {cells} 个单元格，而列数为 {columns}。含有{delimiter}的文字须加英文双引号。"
    ),
    "comma": "逗号",
    "semicolon": "分号",
    "tab": "制表符",
    "Line {number} of the file is not CSV that can be read: {why}.": (
        "文件第 {number} 行不是可读取的 CSV：{why}。"
    ),
    "The first line of a CSV file must name its columns, and one must be text. There can be: "
    "{columns}.": "CSV 文件的第一行须为列名，其中必须有 text。可用的列：{columns}。",
    "The file has a column {name} that is unknown, or there twice. There can be: {columns}.": (
        "文件中的列 {name} 未知或重复。可用的列：{columns}。"
    ),
    # The server
    "{what} Please try again in {seconds} s.": "{what}请在 {seconds} 秒后重试。",
    "Too many requests: {limit} are allowed.": "请求过多：最多允许{limit}。",
    "{count} per 1 minute": "每分钟 {count} 次",
    "{count} per 1 hour": "每小时 {count} 次",
    "{count} per 1 day": "每天 {count} 次",
    "Only {count} clips at once can be looked at.": "最多只能同时查看 {count} 段音频。",
    "The waiting line is full: {count} requests are waiting already.": (
        "等待队列已满：已有 {count} 个请求在等待。"
    ),
    "The model is still being downloaded ({percent} done). Please try again in a few minutes.": (
        "模型仍在下载（已完成 {percent}）。请过几分钟再试。"
    ),
    "The model is still being loaded. Please try again in a minute.": "模型仍在加载。请稍后再试。",
    "The model could not be loaded again. Please try again in a few minutes.": (
        "模型未能重新加载。请过几分钟再试。"
    ),
    "The model stopped working in the middle of the speech. It is being started again: please try "
    "again in a minute.": "模型在生成语音的中途停止了工作，正在重新启动。请稍后再试。",
    "The server is stopping. Please try again in a minute.": "服务器正在停止。请稍后再试。",
    "The server cannot store speech now: its disk is full or cannot be written. Please tell "
    "whoever runs it, and try again later.": (
        "服务器现在无法保存语音：磁盘已满或无法写入。请告知服务器的管理者，并稍后再试。"
    ),
    "Something went wrong on our side; the log of the server says what. Please try again, and "
    "report it if it happens again.": (
        "服务器出现了问题，详情见服务器日志。请重试；如再次发生，请报告给我们。"
    ),
    "ZeroGPU gives you no GPU time for this now. Please try again later or with a shorter text; "
    "signed in to Hugging Face you have more time. It says: {why}": (
        "ZeroGPU 目前没有给您足够的 GPU 时间。请稍后再试，或缩短文字；"
        "登录 Hugging Face 后可用时间更多。ZeroGPU 的提示：{why}"
    ),
    "ZeroGPU has no GPU free now. Please try again in a few minutes.": (
        "ZeroGPU 目前没有空闲的 GPU。请过几分钟再试。"
    ),
    "The GPU was taken away before the speech was finished. Please try again, and with a shorter "
    "text if it happens again.": ("语音尚未完成，GPU 就被收回了。请重试；如再次发生，请缩短文字。"),
    "The model {model} is not in the Hub's cache and could not be downloaded ({error}). Connect to "
    "the network and start again, or set VOXCPM_MODEL to a folder with its files, or to preview to "
    "try the page without it.": (
        "模型 {model} 不在 Hub 的缓存中，也无法下载（{error}）。请连接网络后重新启动，"
        "或将 VOXCPM_MODEL 设为存有模型文件的文件夹，或设为 preview 以便在没有模型时试用页面。"
    ),
    # Names of the examples, whose texts are in the language that they name
    "Bedtime story": "睡前故事（英语）",
    "News anchor": "新闻主播（英语）",
    "Curious child": "好奇的孩子（英语）",
    "Quiet whisper": "轻声耳语（英语）",
    "Match commentator": "赛事解说（英语）",
    "Kind grandfather": "和蔼的爷爷（英语）",
    "Nature film": "自然纪录片（英语）",
    "Tired teenager": "疲惫的少年（英语）",
    "English man": "英语男声",
    "English woman": "英语女声",
    "Scottish man": "苏格兰男声",
    "Italian woman": "意大利语女声",
    "Italian man": "意大利语男声",
    "Finnish woman": "芬兰语女声",
    "Russian man": "俄语男声",
    "Mandarin robot": "普通话机器人",
    # Accounts
    "Access denied. Please log in, or send a key.": "访问被拒绝。请登录，或提供密钥。",
    "The account {name} may not ask for {operation}, only for {others}.": (
        "账户 {name} 不能使用 {operation}，只能使用 {others}。"
    ),
    "The account {name} has no seconds of audio left. Please have it topped up.": (
        "账户 {name} 已没有剩余的音频秒数。请充值。"
    ),
}
