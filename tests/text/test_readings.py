"""What `normalize` reads: wetext's readings, and what is mended before it sees a text."""

import pytest

from voxcpm_space.text import parse_script

ENGLISH = {
    # Hosts, addresses and what looks like them
    "See example.com.": "See example dot com.",
    "Go to docs.python.org now.": "Go to docs dot python dot org now.",
    "See example.com/docs/a_b!": "See example dot com slash docs slash a underscore b!",
    "Visit https://www.example.org/x.": "Visit example dot org.",
    "Mail ann.lee@example.com.": "Mail ann dot lee at example dot com.",
    "Write to bob_1@mail.example.co.uk today.": (
        "Write to bob underscore one at mail dot example dot co dot uk today."
    ),
    "localhost:8080 works.": "localhost colon eight thousand and eighty works.",
    "It is 192.168.0.1.": "It is one nine two dot one six eight dot zero dot one.",
    # Units
    "He runs 5 km every day.": "He runs five kilometers every day.",
    "It weighs 3 kg.": "It weighs three kilograms.",
    "3m": "three meters",
    "1 m": "one meter",
    "The room is 20 m long.": "The room is twenty meters long.",
    "Take 100 ml.": "Take one hundred milliliters.",
    "2 L": "two liters",
    "10 m²": "ten square meters",
    "10 ㎡": "ten square meters",
    "60 km/h": "sixty kilometers per hour",
    "5 mph": "five miles per hour",
    "16 GB": "sixteen gigabytes",
    "3.5 GHz": "three point five gigahertz",
    "100 Mbps": "one hundred megabits per second",
    "220 V": "two hundred and twenty volts",
    "5 kWh": "five kilowatt hours",
    "He is 6'2\".": "He is six feet two inches.",
    "5 ft 10 in": "five feet ten inches",
    "10 lbs 3 oz": "ten pounds three ounces",
    "2 tbsp": "two tablespoons",
    "5 min, 10 sec, 2 hrs, 3 yrs": "five minutes, ten seconds, two hours, three years",
    "It is 25°C today.": "It is twenty five degrees Celsius today.",
    "It was -10 °F.": "It was negative ten degrees Fahrenheit.",
    "Pay 15% now.": "Pay fifteen percent now.",
    "80%-90%": "eighty to ninety percent",
    # Money
    "It costs $5.": "It costs five dollars.",
    "It costs $1.": "It costs one dollar.",
    "It costs $3.50.": "It costs three dollars and fifty cents.",
    "It costs $1,250.75.": (
        "It costs one thousand two hundred and fifty dollars and seventy five cents."
    ),
    "It costs £0.99.": "It costs ninety nine pence.",
    "It costs £1,200.": "It costs one thousand two hundred pounds.",
    "It costs 20 €.": "It costs twenty euros.",
    "She won $2.5 million.": "She won two point five million dollars.",
    "$1 trillion": "one trillion dollars",
    "$5k": "five thousand dollars",
    "$100-$200": "one hundred to two hundred dollars",
    "Only $9.99/month.": "Only nine dollars and ninety nine cents per month.",
    "5%–10%": "five to ten percent",
    "¥500": "five hundred yen",
    "₹500": "five hundred rupees",
    # Dates
    "On May 5, 2024 we met.": "On the fifth of May, twenty twenty four we met.",
    "On Jan. 5, 2024 we met.": "On the fifth of january twenty twenty four we met.",
    "We met on 3 May.": "We met on the third of May.",
    "On 5 May 2024 we met.": "On the fifth of May twenty twenty four we met.",
    "On Jan. 5, Feb. 6 and Mar. 7 we met.": (
        "On the fifth of January, the sixth of February and the seventh of March we met."
    ),
    "On the 1st of June we met.": "On the first of June we met.",
    "On Dec. 25 we sang.": "On the twenty fifth of December we sang.",
    "On July 4th we sang.": "On the fourth of July we sang.",
    "On 2024-05-05 we met.": "On the fifth of may twenty twenty four we met.",
    "In 1999 it rained.": "In nineteen ninety nine it rained.",
    "It was 2024.": "It was twenty twenty four.",
    "In the 1980s music changed.": "In the nineteen eighties music changed.",
    "the 2000s and 2010s": "the two thousands and twenty tens",
    "the '90s": "the nineties",
    "from 1990-1995": "from nineteen ninety to nineteen ninety five",
    # Times
    "At 10:30 we left.": "At ten thirty we left.",
    "At 3:05 p.m. we left.": "At three o five PM we left.",
    "We met at 5 p.m.": "We met at five PM.",
    "At 9 am it opens.": "At nine AM it opens.",
    "at 7:30 am": "at seven thirty AM",
    "12:00": "twelve o'clock",
    "10:30-11:45": "ten thirty to eleven forty five",
    "open 24/7": "open twenty four seven",
    # Phone numbers
    "Call 555-123-4567 now.": "Call five five five, one two three, four five six seven now.",
    "Call 555.123.4567 now.": "Call five five five, one two three, four five six seven now.",
    "(555) 123-4567 is my number.": (
        "five five five, one two three, four five six seven is my number."
    ),
    "Call +1 555 123 4567 now.": (
        "Call plus one, five five five, one two three, four five six seven now."
    ),
    "+44 20 7946 0958": "plus forty four, two zero, seven nine four six, zero nine five eight",
    # Ordinals and Roman numerals
    "The 1st, 2nd and 3rd.": "The first, second and third.",
    "On the 21st floor.": "On the twenty first floor.",
    "a 19th-century house": "a nineteenth century house",
    "World War II ended.": "World War two ended.",
    "Chapter IV begins.": "Chapter four begins.",
    "Part I is short.": "Part one is short.",
    "Henry VIII was king.": "Henry the eighth was king.",
    "I saw Louis XIV.": "I saw Louis the fourteenth.",
    "Final Fantasy VII": "Final Fantasy seven",
    "Malcolm X and I": "Malcolm X and I",
    # Abbreviations
    "No.": "No.",
    "Is it No. 5? No.": "Is it Number five? No.",
    "Ask an M.D. or Ph.D.": "Ask an MD or PHD.",
    "No. 5 is alive.": "Number five is alive.",
    "See vol. 2, pp. 10-15.": "See volume two, pages ten to fifteen.",
    "See Fig. 3.": "See Figure three.",
    "approx. 5 people": "approximately five people",
    "Apples, pears, etc.": "Apples, pears, etc.",
    "He works at Acme Inc.": "He works at Acme Inc.",
    "He lives at 10 Downing St.": "He lives at ten Downing Street.",
    "They live in the U.S.": "They live in the US.",
    "Dr. Smith and Mrs. Brown.": "doctor Smith and Missus Brown.",
    # Fractions
    "Take 1/2 cup.": "Take one half cup.",
    "Take 3/4 of it.": "Take three quarters of it.",
    "2 1/2 hours": "two and a half hours",
    "2½ hours": "two and a half hours",
    "a 50-50 chance": "a fifty fifty chance",
    "20/20 vision": "twenty twenty vision",
    # Versions
    "Version 2.0.3 is out.": "Version two point zero point three is out.",
    "Python 3.12 works.": "Python three point one two works.",
    "v1.2.3": "version one point two point three",
    # Numbers and signs
    "1000 people": "one thousand people",
    "1,000 people": "one thousand people",
    "1,234,567 people": (
        "one million two hundred thirty four thousand five hundred and sixty seven people"
    ),
    "3.14": "three point one four",
    "−5 degrees": "negative five degrees",
    "10–15 people": "ten to fifteen people",
    "~10 people": "about ten people",
    "#1": "number one",
    "x² + y²": "x squared plus y squared",
    "E=mc²": "E equals mc squared",
    "10^6": "ten to the power of six",
    "6 ÷ 2 = 3": "six divided by two equals three",
    "1 < 2": "one is less than two",
    "3x faster": "three times faster",
    "A & B": "A and B",
    'He said "hi".': 'He said "hi".',
    "H₂O and CO2": "H two O and CO two",
    "①, then 5️⃣": "one, then five",
    "I have <b>5</b> cats.": "I have five cats.",
    "C++ and C#": "C plus plus and C sharp",
    "COVID-19": "COVID-nineteen",
}
CHINESE = {
    "今天是2025-09-28。": "今天是二零二五年九月二十八日。",
    "今天是2025年9月28日。": "今天是二零二五年九月二十八日。",
    "2025/09/28出发。": "二零二五年九月二十八日出发。",
    "2月2日下雪。": "二月二日下雪。",
    "1980年代的歌": "一九八零年代的歌",
    "20世纪80年代": "二十世纪八十年代",
    "现在是10:30。": "现在是十点三十分。",
    "下午3:05开会。": "下午三点零五分开会。",
    "客服24/7在线": "客服七乘二十四小时在线",
    "气温25°C。": "气温二十五摄氏度。",
    "气温-5℃。": "气温负五摄氏度。",
    "他跑了5km。": "他跑了五公里。",
    "重3㎏。": "重三千克。",
    "长20m。": "长二十米。",
    "面积100㎡。": "面积一百平方米。",
    "速度60km/h。": "速度每小时六十公里。",
    "加500ml的水": "加五百毫升的水",
    "价格¥100。": "价格一百元。",
    "价格￥12.5。": "价格十二点五元。",
    "价格$100。": "价格一百美元。",
    "价格3.5万元。": "价格三点五万元。",
    "折扣20%。": "折扣百分之二十。",
    "有80%-90%的人": "有百分之八十到百分之九十的人",
    "盐度5‰。": "盐度千分之五。",
    "1/2的人": "二分之一的人",
    "电话13800138000。": "电话幺三八零零幺三八零零零。",
    "电话+86 138 0013 8000。": "电话加八六，幺三八，零零幺三，八零零零。",
    "第1名和第21届": "第一名和第二十一届",
    "第2条": "第二条",
    "2个苹果和12个梨": "两个苹果和十二个梨",
    "1,234,567人": "一百二十三万四千五百六十七人",
    "有10-15人": "有十到十五人",
    "比分是3-2。": "比分是三比二。",
    "比分2:1。": "比分二比一。",
    "x²+y²的和": "x平方加y平方的和",
    "550+320=870千卡": "五百五十加三百二十等于八百七十千卡",
    "6×7等于42": "六乘七等于四十二",
    "6÷2等于3": "六除以二等于三",
    "版本2.0.3发布": "版本二点零点三发布",
    "请访问example.com。": "请访问example点com。",
    "邮件ann@example.com。": "邮件ann艾特example点com。",
    "用A4纸": "用A四纸",
    "30多人等了1.5小时": "三十多人等了一点五小时",
    "90后": "九零后",
    "他说“你好”。": "他说“你好”。",
}


def test_the_table_is_long_enough():
    assert len(ENGLISH) + len(CHINESE) >= 150


@pytest.mark.parametrize(("written", "read"), [*ENGLISH.items(), *CHINESE.items()])
def test_it_is_read_as_a_person_reads_it(written, read):
    script = parse_script(written, normalize=True)
    assert " ".join(segment.spoken for segment in script.segments) == read
    assert "left as they are written" not in " ".join(script.notes)
