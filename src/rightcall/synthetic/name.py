"""Russian names: surnames of both genders, first names with the years in which they were given, patronymics formed by rule.

The tables were written for this country; no published list was copied. Surname weights fall with the rank as frequent surnames do;
a first name has the year around which it was most given, and how wide its fashion was, in years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from rightcall.synthetic.draw import Draw, Flags, Floats, Ints

_SURNAMES = """
Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов
Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев
Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов Беляев
Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов
Савельев Тимофеев Фомин Чернов Абрамов Мартынов Ефимов Федотов Щербаков Назаров Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев Воронин
Климов Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов Журавлёв Овчинников Трофимов Леонов Соболев Ермаков Колесников Гончаров Емельянов
Никифоров Грачёв Котов Гришин Ефремов Архипов Громов Кириллов Малышев Панов Моисеев Румянцев Акимов Кондратьев Бирюков Горбунов Анисимов Ерёмин Тихомиров
Галкин Лукьянов Михеев Скворцов Юдин Белоусов Нестеров Симонов Прокофьев Харитонов Князев Цветков Левин Митрофанов Воронов Аксёнов Софронов Мальцев Логинов
Горшков Савин Краснов Майоров Демидов Елисеев Рыбаков Сафонов Плотников Дёмин Хохлов Фадеев Молчанов Игнатов Литвинов Ершов Ушаков Дементьев Рябов Мухин
Калашников Леонтьев Лобанов Кузин Корнеев Евдокимов Бородин Платонов Некрасов Балашов Бобров Жданов Блинов Игнатьев Коротков Муравьёв Крюков Беляков
Ахметов Магомедов Гасанов Алиев Хасанов Ибрагимов Рахимов Сафин Гарипов Валиев Юсупов Цыренов Доржиев Бондаренко Шевченко Коваленко Ткаченко Кравченко
Мельниченко Кравчук Савчук Шевчук Бойко Олейник Мороз Романенко Высоцкий Савицкий Левицкий Покровский Белинский Толстой Чайковский Жуковский Крутой Черных
Седых Дьячков Хайруллин Шарипов Мустафин Габдуллин Цой Ким Пак Шмидт Миллер Вебер Петросян Григорян Саркисян
"""
SURNAMES = tuple(_SURNAMES.split())

MEN = """
Александр 1978 22 11|Сергей 1970 13 10|Владимир 1958 14 8|Андрей 1974 12 8|Алексей 1980 14 8|Дмитрий 1984 13 8|Николай 1954 15 5|Евгений 1981 14 5|Михаил 1986 24 5
Юрий 1961 13 4|Иван 1990 18 5|Виктор 1957 13 4|Максим 1991 9 5|Роман 1984 9 4|Денис 1984 8 4|Игорь 1967 11 4|Олег 1969 11 3|Павел 1985 12 3.5|Анатолий 1951 11 2.5
Артём 1993 8 4|Владислав 1992 9 3|Никита 1995 7 4|Вячеслав 1975 13 2|Валерий 1957 11 2.5|Константин 1980 15 2|Антон 1986 8 2.5|Илья 1990 9 3|Виталий 1976 10 2
Кирилл 1993 8 2.5|Даниил 1999 7 3|Василий 1966 20 1.8|Егор 1995 8 2|Вадим 1977 13 1.6|Руслан 1985 10 1.8|Станислав 1983 12 1.4|Геннадий 1954 10 1.4|Степан 1993 14 .8
Григорий 1980 20 .7|Борис 1955 16 .8|Тимур 1989 10 1|Леонид 1957 13 .9|Пётр 1968 24 .9|Артур 1989 10 .8|Георгий 1985 22 .7|Эдуард 1972 11 .8|Марат 1979 12 .7
Рустам 1984 11 .7|Ринат 1978 11 .5|Матвей 1998 7 .8|Тимофей 1997 8 .6|Глеб 1992 10 .6|Арсений 1995 8 .5|Ярослав 1994 10 .6|Семён 1991 15 .6|Фёдор 1980 24 .6
Магомед 1985 15 .8|Ахмед 1988 14 .4|Рамиль 1978 10 .3|Ильдар 1976 10 .4|Баир 1980 12 .3|Лев 1988 20 .3
"""
WOMEN = """
Елена 1970 13 10|Татьяна 1964 14 9|Ольга 1970 13 9|Наталья 1973 11 9|Анна 1986 14 8|Ирина 1970 13 8|Светлана 1969 12 6|Екатерина 1987 11 8|Мария 1985 24 7|Анастасия 1992 8 8
Юлия 1984 10 7|Людмила 1955 11 5|Галина 1954 12 5|Марина 1970 11 4|Валентина 1950 12 3|Надежда 1960 17 3|Любовь 1958 15 2.5|Оксана 1977 8 3|Виктория 1991 10 4
Александра 1989 14 3|Дарья 1993 8 4|Ксения 1988 9 3|Алёна 1987 9 2|Кристина 1992 8 3|Вера 1955 18 1.5|Лариса 1966 10 2.2|Нина 1949 12 1.5|Алина 1994 8 2|Евгения 1983 13 2
Яна 1989 9 1.5|Полина 1996 8 2|Елизавета 1996 9 2|Вероника 1991 10 1.2|Софья 1998 8 1|Диана 1993 9 1.2|Валерия 1993 9 1.5|Маргарита 1986 18 1|Инна 1973 11 1|Тамара 1951 13 .9
Зоя 1951 13 .6|Лидия 1953 15 .9|Раиса 1950 11 .7|Жанна 1975 10 .7|Олеся 1986 8 .9|Ангелина 1997 8 .9|Карина 1993 8 .8|Регина 1989 10 .4|Эльвира 1978 11 .5|Гульнара 1976 10 .5
Лилия 1979 14 .6|Альбина 1978 12 .5|Патимат 1983 16 .4|Аида 1989 12 .3|Ульяна 1994 10 .5|Варвара 1998 10 .4|Снежана 1990 9 .3|Василиса 1999 8 .2|Эльмира 1980 11 .3|Римма 1960 14 .3
Рада 1990 12 .1|Милана 2000 5 .3
"""
BASE = 0.02
"""The share of a name's peak that it keeps in every year: old and new names never quite vanish."""
_YEARS = range(1915, 2024)
_IRREGULAR = {"Илья": "Ильич", "Никита": "Никитич", "Лев": "Львович", "Павел": "Павлович", "Пётр": "Петрович", "Михаил": "Михайлович"}
_KEPT_VOWEL = ("Дмитрий", "Георгий")


@dataclass(frozen=True, slots=True)
class FirstNames:
    """First names, and for each year of birth the running sum of their weights."""

    names: tuple[str, ...]
    sums: Floats

    def draw(self, draw: Draw, years: Ints) -> Ints:
        """An index of a name for each year of birth."""
        rows = self.sums[np.clip(years, _YEARS[0], _YEARS[-1]) - _YEARS[0]]
        aim = draw.stream.random(len(years)) * rows[:, -1]
        return np.asarray((rows <= aim[:, None]).sum(axis=1), dtype=np.int64)


@cache
def first_names(table: str) -> FirstNames:
    entries = [entry.split() for line in table.split("\n") if line for entry in line.split("|")]
    years = np.arange(_YEARS[0], _YEARS[-1] + 1)
    peaks, widths, shares = (np.array([float(entry[place]) for entry in entries]) for place in (1, 2, 3))
    fashion = np.exp(-(((years[:, None] - peaks) / widths) ** 2)) + BASE
    return FirstNames(tuple(entry[0] for entry in entries), np.cumsum(shares * fashion, axis=1))


def draw_names(draw: Draw, years: Ints, women: Flags) -> dict[str, pl.Series]:
    """Surname, given name and patronymic of people born in ``years``; fathers are 20 to 38 years older."""
    size = len(years)
    surnames = draw.place(size, surname_weights())
    given = _of_sex(first_names(MEN), first_names(WOMEN), draw, years, women)
    fathers = first_names(MEN).draw(draw, years - draw.between(size, 20, 38))
    return {
        "surname": _gendered(SURNAMES, [feminine(name) for name in SURNAMES], surnames, women),
        "given": given,
        "patronymic": _gendered(*_patronymics(), fathers, women),
    }


def _of_sex(men: FirstNames, women: FirstNames, draw: Draw, years: Ints, female: Flags) -> pl.Series:
    his = pl.Series(men.names, dtype=pl.String).gather(men.draw(draw, years))
    hers = pl.Series(women.names, dtype=pl.String).gather(women.draw(draw, years))
    return hers.zip_with(pl.Series(female), his)


def _gendered(men: Sequence[str], women: Sequence[str], index: Ints, female: Flags) -> pl.Series:
    return pl.Series([*men, *women], dtype=pl.String).gather(index + female * len(men))


@cache
def surname_weights() -> Floats:
    """A few are very frequent, most are not: the weight falls with the rank, and the first is some 30 times the last."""
    return np.asarray(1.0 / (np.arange(len(SURNAMES)) + 8.0))


@cache
def _patronymics() -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = first_names(MEN).names
    return tuple(patronymic(name, False) for name in names), tuple(patronymic(name, True) for name in names)


def feminine(surname: str) -> str:
    """The surname as a woman bears it."""
    if surname.endswith(("ов", "ев", "ёв", "ин")):
        return surname + "а"
    return surname[:-2] + "ая" if surname.endswith(("ский", "цкий", "ой")) and len(surname) > 3 else surname


def patronymic(father: str, female: bool) -> str:
    """The patronymic of a child of this father."""
    if father in _IRREGULAR:
        return _feminine_patronymic(_IRREGULAR[father], father) if female else _IRREGULAR[father]
    ending = "вна" if female else "вич"
    if father.endswith("ий"):
        return f"{father[:-2]}{'и' if father in _KEPT_VOWEL else 'ь'}е{ending}"
    if father.endswith(("й", "ь")):
        return f"{father[:-1]}е{ending}"
    return f"{father}о{ending}"


def _feminine_patronymic(masculine: str, father: str) -> str:
    if father == "Илья":
        return "Ильинична"
    return masculine[:-2] + "ична" if father == "Никита" else masculine[:-2] + "на"
