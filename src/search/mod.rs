//! Names, aliases, pinyin, addresses and codes to areas, streets and managers.
