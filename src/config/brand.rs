//! The settings of the brand: name, logo, colour, and the contacts that texts name.

use std::fs;

use super::{
    address::WebAddress,
    environment::Environment,
    setting::{
        Email, Form, Group, Nothing, Objections, Parsed, Reader, Secrecy, Setting, Value, WriteForm, not_allowed,
    },
};
use crate::brand::{self, Brand, Logo, Palette};

pub(super) const GROUP: Group = Group {
    title: "Brand",
    introduction: || "Pages and mails show whose service this is. The defaults use no trademark.".to_owned(),
    settings: &[&NAME, &COMPANY, &LOGO, &COLOR, &IMPRINT_URL, &PRIVACY_URL, &SUPPORT_EMAIL, &SUPPORT_PHONE],
};

const NAME: Setting<Line, Value<&'static str>> = Setting {
    name: "STAKIS_BRAND_NAME",
    secrecy: Secrecy::Open,
    form: Line { longest: 40 },
    unset: Value(brand::NAME),
    sentence: "Name of the service in pages and mails, and of their sender.",
};

const COMPANY: Setting<Line, Nothing> = Setting {
    name: "STAKIS_BRAND_COMPANY",
    secrecy: Secrecy::Open,
    form: Line { longest: 120 },
    unset: Nothing("none"),
    sentence: "Company that runs the service, with its address, for the foot of pages and mails.",
};

const LOGO: Setting<LogoFile, Nothing> = Setting {
    name: "STAKIS_BRAND_LOGO",
    secrecy: Secrecy::Open,
    form: LogoFile,
    unset: Nothing("none: pages show the name"),
    sentence: "File with the logo that pages show. It is read at start. Mails show the name, since mail programs block images.",
};

const COLOR: Setting<Color, Parsed> = Setting {
    name: "STAKIS_BRAND_COLOR",
    secrecy: Secrecy::Open,
    form: Color,
    unset: Parsed(brand::COLOR),
    sentence: "Colour of buttons and links. Its lightness is changed where text would be illegible, and for dark screens.",
};

const IMPRINT_URL: Setting<WebAddress, Nothing> = Setting {
    name: "STAKIS_BRAND_IMPRINT_URL",
    secrecy: Secrecy::Open,
    form: WebAddress,
    unset: Nothing("none: pages have no link to it"),
    sentence: "Page with the imprint of the company.",
};

const PRIVACY_URL: Setting<WebAddress, Nothing> = Setting {
    name: "STAKIS_BRAND_PRIVACY_URL",
    secrecy: Secrecy::Open,
    form: WebAddress,
    unset: Nothing("none: pages have no link to it"),
    sentence: "Page with the privacy notice of the company.",
};

const SUPPORT_EMAIL: Setting<Email, Parsed> = Setting {
    name: "STAKIS_SUPPORT_EMAIL",
    secrecy: Secrecy::Open,
    form: Email,
    unset: Parsed(brand::SUPPORT_EMAIL),
    sentence: "Address of customer support in pages, mails and answers. Replies to mails go there.",
};

const SUPPORT_PHONE: Setting<Phone, Value<&'static str>> = Setting {
    name: "STAKIS_SUPPORT_PHONE",
    secrecy: Secrecy::Open,
    form: Phone,
    unset: Value(brand::SUPPORT_PHONE),
    sentence: "Telephone number of customer support, as it is printed.",
};

/// Reads the brand, and gives `None` where the colour or the address is wrong.
pub(super) fn brand(reader: &mut Reader) -> Option<Brand> {
    let (palette, support_email) = (COLOR.read(reader), SUPPORT_EMAIL.read(reader));
    Some(Brand {
        name: NAME.read(reader),
        company: COMPANY.read(reader),
        logo: LOGO.read(reader),
        palette: palette?,
        imprint_url: IMPRINT_URL.read(reader),
        privacy_url: PRIVACY_URL.read(reader),
        support_email: support_email?,
        support_phone: SUPPORT_PHONE.read(reader),
    })
}

/// A line of text for people. It stands in headers of mails too, where some characters have a meaning.
struct Line {
    /// The most characters.
    longest: usize,
}

impl Form for Line {
    type Value = String;

    fn allowed(&self) -> String {
        format!("a line of at most {} characters without \" < > \\ and control characters", self.longest)
    }

    fn parse(&self, text: &str, _: Environment) -> Result<String, Objections> {
        let is_line = !text.contains(['"', '<', '>', '\\']) && !text.chars().any(char::is_control);
        if is_line && text.chars().count() <= self.longest { Ok(text.to_owned()) } else { Err(not_allowed(self)) }
    }
}

impl WriteForm for Line {
    fn write(&self, value: &String) -> String {
        value.clone()
    }
}

/// A telephone number as people write it.
struct Phone;

impl Form for Phone {
    type Value = String;

    fn allowed(&self) -> String {
        "a telephone number of 3 to 15 digits, with spaces and - / ( ) between them, and + at its beginning alone"
            .to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<String, Objections> {
        let number = text.strip_prefix('+').unwrap_or(text);
        let is_phone = number.chars().all(|character| character.is_ascii_digit() || " -/()".contains(character));
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if is_phone && (3..=15).contains(&digits) { Ok(text.to_owned()) } else { Err(not_allowed(self)) }
    }
}

impl WriteForm for Phone {
    fn write(&self, value: &String) -> String {
        value.clone()
    }
}

/// The colour of the brand.
struct Color;

impl Form for Color {
    type Value = Palette;

    fn allowed(&self) -> String {
        "a colour such as #0b57a4; one that is nearly white is too light".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Palette, Objections> {
        Palette::derive(text).map_err(|error| vec![error.to_string()])
    }
}

/// The path of a file with an image.
struct LogoFile;

impl Form for LogoFile {
    type Value = Logo;

    fn allowed(&self) -> String {
        "the path of a file in SVG or PNG of at most 16 KiB".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Logo, Objections> {
        let content = fs::read(text).map_err(|error| vec![format!("cannot be read: {text}: {error}")])?;
        Logo::read(&content).map_err(|error| vec![error.to_string()])
    }
}
