"""Regions and their towns, weighted by the men who live there.

Weights are thousands of men aged 16 to 61, rounded, from the Russian census of 2020-21; a town's share is its share of the region, rounded
by hand. The last town of each region stands for its villages. The 35 largest regions stand for the country.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rightcall.synthetic.draw import Draw

_REGIONS = """
RU-MOW 4096 Москва:100
RU-MOS 2813 Балашиха:18 Подольск:12 Химки:10 Мытищи:10 Истра:50
RU-KDA 1788 Краснодар:32 Сочи:14 Новороссийск:10 Тихорецк:44
RU-SPE 1711 Санкт-Петербург:100
RU-SVE 1285 Екатеринбург:42 Нижний_Тагил:13 Каменск-Уральский:7 Ирбит:38
RU-ROS 1275 Ростов-на-Дону:32 Таганрог:9 Шахты:9 Сальск:50
RU-BA 1239 Уфа:37 Стерлитамак:9 Салават:6 Бирск:48
RU-TA 1191 Казань:39 Набережные_Челны:17 Нижнекамск:8 Чистополь:36
RU-CHE 1008 Челябинск:43 Магнитогорск:15 Златоуст:7 Троицк:35
RU-DA 991 Махачкала:26 Хасавюрт:6 Дербент:5 Буйнакск:63
RU-SAM 939 Самара:42 Тольятти:24 Сызрань:6 Кинель:28
RU-NIZ 913 Нижний_Новгород:45 Дзержинск:8 Арзамас:4 Кстово:43
RU-STA 892 Ставрополь:20 Пятигорск:7 Невинномысск:5 Георгиевск:68
RU-KYA 868 Красноярск:41 Норильск:7 Ачинск:4 Минусинск:48
RU-NVS 821 Новосибирск:60 Бердск:4 Искитим:36
RU-VGG 787 Волгоград:43 Волжский:13 Камышин:44
RU-KEM 755 Кемерово:22 Новокузнецк:21 Прокопьевск:8 Юрга:49
RU-SAR 739 Саратов:38 Энгельс:10 Балаково:8 Вольск:44
RU-PER 733 Пермь:42 Березники:6 Соликамск:4 Кунгур:48
RU-VOR 692 Воронеж:47 Россошь:3 Лиски:50
RU-IRK 684 Иркутск:27 Братск:10 Ангарск:10 Тулун:53
RU-LEN 640 Гатчина:5 Выборг:4 Всеволожск:5 Тихвин:86
RU-ALT 594 Барнаул:29 Бийск:9 Рубцовск:6 Алейск:56
RU-PRI 577 Владивосток:33 Уссурийск:10 Находка:8 Спасск-Дальний:49
RU-KHM 549 Сургут:23 Нижневартовск:17 Нефтеюганск:8 Югорск:52
RU-OMS 545 Омск:60 Тара:2 Калачинск:38
RU-ORE 539 Оренбург:30 Орск:11 Новотроицк:4 Бузулук:55
RU-CE 462 Грозный:22 Гудермес:5 Шали:73
RU-TYU 455 Тюмень:53 Тобольск:6 Ишим:41
RU-BEL 454 Белгород:22 Старый_Оскол:15 Губкин:63
RU-TUL 442 Тула:32 Новомосковск:8 Алексин:60
RU-UD 418 Ижевск:44 Сарапул:6 Воткинск:50
RU-KHA 404 Хабаровск:47 Комсомольск-на-Амуре:18 Советская_Гавань:35
RU-ZAB 330 Чита:33 Краснокаменск:5 Борзя:62
RU-BU 300 Улан-Удэ:45 Гусиноозёрск:3 Кяхта:52
"""


@dataclass(frozen=True, slots=True)
class Places:
    """All towns: region, name and weight, row by row."""

    regions: tuple[str, ...]
    towns: tuple[str, ...]
    weights: tuple[float, ...]

    def draw(self, draw: Draw, size: int) -> tuple[pl.Series, pl.Series]:
        """A region and a town for each."""
        index = draw.place(size, np.asarray(self.weights))
        return pl.Series(self.regions, dtype=pl.String).gather(index), pl.Series(self.towns, dtype=pl.String).gather(index)


def _read() -> Places:
    rows: list[tuple[str, str, float]] = []
    for line in _REGIONS.split("\n")[1:-1]:
        region, men, *towns = line.split(" ")
        for name, share in (town.split(":") for town in towns):
            rows.append((region, name.replace("_", " "), float(men) * float(share)))
    regions, names, weights = zip(*rows, strict=True)
    return Places(tuple(regions), tuple(names), tuple(weights))


PLACES = _read()
