//! The colours of pages and mails, derived from the one colour of the brand.
//!
//! Hue and chroma stay those of the brand. The lightness moves, in OKLCH, until each pair of text and ground has the
//! contrast that WCAG 2.2 asks for (1.4.3, AA), so the pairs cannot miss it.

use std::{fmt, str::FromStr as _};

use palette::{FromColor as _, IntoColor as _, Oklch, Srgb, color_difference::Wcag21RelativeContrast as _};

/// The least contrast between text and its ground.
const CONTRAST: f32 = 4.5;
/// By how much the lightness moves at a time.
const STEP: f32 = 0.005;
/// A colour that would have to be darkened by more than this is not recognized any more.
const FURTHEST: f32 = 0.45;
/// How much of the colour a tinted ground shows.
const TINT_CHROMA: f32 = 0.03;

/// The grounds on which coloured text stands in light surroundings: a card, and what is around it.
const LIGHT_GROUNDS: [&str; 2] = ["#ffffff", "#f3f5f7"];
/// The same in dark surroundings.
const DARK_GROUNDS: [&str; 2] = ["#1f2428", "#14171a"];

/// A colour as CSS writes it: `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(Srgb<u8>);

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:x}", self.0)
    }
}

/// The colours in light or in dark surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// Buttons, links and marks. As text it is legible on every ground.
    pub accent: Color,
    /// The accent of a button under the pointer.
    pub accent_hover: Color,
    /// Text on the accent.
    pub on_accent: Color,
    /// A ground with a hint of the accent.
    pub tint: Color,
    /// The ground of cards and fields.
    pub card: Color,
    /// The ground around cards.
    pub ground: Color,
}

/// The colours of pages and mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// The colours in light surroundings.
    pub light: Scheme,
    /// The colours in dark surroundings.
    pub dark: Scheme,
}

/// Why no palette comes from a text. The text completes a sentence that begins with the name of the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaletteError {
    /// The text is no colour.
    #[error("must be a colour such as #0b57a4")]
    NoColor,
    /// No legible pair of colours can be recognized as this colour.
    #[error("must be a darker colour: text in it, or on it, would be illegible")]
    TooLight,
}

impl Palette {
    /// Derives the colours from the colour of the brand, `#rrggbb`.
    pub fn derive(text: &str) -> Result<Self, PaletteError> {
        if text.len() != 7 || !text.starts_with('#') {
            return Err(PaletteError::NoColor);
        }
        let color: Srgb<u8> = text.parse().map_err(|_| PaletteError::NoColor)?;
        let brand = Oklch::from_color(color.into_format::<f32>());
        let light = light(brand)?;
        Ok(Self { light, dark: dark(brand)? })
    }
}

fn light(brand: Oklch) -> Result<Scheme, PaletteError> {
    let [card, ground] = fixed(LIGHT_GROUNDS)?;
    let tint = tint(brand, 0.96);
    let accent = until_legible(brand, -STEP, &[card, ground, tint])?;
    if brand.l - Oklch::from_color(accent.0.into_format::<f32>()).l > FURTHEST {
        return Err(PaletteError::TooLight);
    }
    Ok(Scheme { accent, accent_hover: moved(accent, -0.06), on_accent: card, tint, card, ground })
}

fn dark(brand: Oklch) -> Result<Scheme, PaletteError> {
    let [card, ground] = fixed(DARK_GROUNDS)?;
    let tint = tint(brand, 0.28);
    let accent = until_legible(brand, STEP, &[card, ground, tint])?;
    Ok(Scheme { accent, accent_hover: moved(accent, 0.06), on_accent: ground, tint, card, ground })
}

/// The first colour on the way to dark or to light that is legible on every ground.
fn until_legible(brand: Oklch, step: f32, grounds: &[Color]) -> Result<Color, PaletteError> {
    let mut lightness = brand.l;
    while (0.0..=1.0).contains(&lightness) {
        let color = in_gamut(Oklch { l: lightness, ..brand });
        if grounds.iter().all(|ground| contrast(color, *ground) >= CONTRAST) {
            return Ok(color);
        }
        lightness += step;
    }
    Err(PaletteError::TooLight)
}

/// The colour with another lightness.
fn moved(color: Color, by: f32) -> Color {
    let color = Oklch::from_color(color.0.into_format::<f32>());
    in_gamut(Oklch { l: (color.l + by).clamp(0.0, 1.0), ..color })
}

fn tint(brand: Oklch, lightness: f32) -> Color {
    in_gamut(Oklch { l: lightness, chroma: brand.chroma.min(TINT_CHROMA), ..brand })
}

/// The nearest colour of the same lightness and hue that a screen can show. It has less chroma where the screen has no
/// more.
fn in_gamut(color: Oklch) -> Color {
    let (mut shown, mut too_much) = (0.0, color.chroma * 2.0);
    // Each turn halves the distance, and a screen shows 256 steps.
    for _ in 0..12 {
        let chroma = f32::midpoint(shown, too_much);
        let rgb: Srgb = Oklch { chroma, ..color }.into_color();
        let is_shown = [rgb.red, rgb.green, rgb.blue].iter().all(|part| (-0.001..=1.001).contains(part));
        if is_shown && chroma <= color.chroma {
            shown = chroma;
        } else {
            too_much = chroma;
        }
    }
    let rgb: Srgb = Oklch { chroma: shown, ..color }.into_color();
    Color(rgb.into_format())
}

fn contrast(color: Color, other: Color) -> f32 {
    color.0.into_format::<f32>().relative_contrast(other.0.into_format::<f32>())
}

fn fixed(texts: [&str; 2]) -> Result<[Color; 2], PaletteError> {
    let [card, ground] = texts.map(|text| Srgb::from_str(text).map(Color).map_err(|_| PaletteError::NoColor));
    Ok([card?, ground?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every eighth value of each part, which are 35,937 colours.
    fn colors() -> impl Iterator<Item = String> {
        let parts = || (0..=256_u32).step_by(8).map(|part| part.min(255));
        parts().flat_map(move |red| {
            parts().flat_map(move |green| parts().map(move |blue| format!("#{red:02x}{green:02x}{blue:02x}")))
        })
    }

    #[test]
    fn every_pair_of_text_and_ground_has_the_contrast_of_aa() {
        let (mut derived, mut refused) = (0, 0);
        for color in colors() {
            let Ok(Palette { light, dark }) = Palette::derive(&color) else {
                refused += 1;
                continue;
            };
            derived += 1;
            for scheme in [&light, &dark] {
                for accent in [scheme.accent, scheme.accent_hover] {
                    for ground in [scheme.card, scheme.ground, scheme.tint, scheme.on_accent] {
                        let reached = contrast(accent, ground);
                        assert!(reached >= CONTRAST, "{color}: {accent} on {ground} has {reached}");
                    }
                }
            }
        }
        // What is nearly white.
        assert!(refused > 0 && refused * 50 < derived, "{refused} of {derived}");
    }

    #[test]
    fn a_colour_that_is_legible_stays_itself() {
        for color in ["#0b57a4", "#000000", "#7a1f1f", "#004b2d"] {
            assert_eq!(Palette::derive(color).unwrap().light.accent.to_string(), color);
        }
        assert_ne!(Palette::derive("#ffcc00").unwrap().light.accent.to_string(), "#ffcc00");
    }

    #[test]
    fn other_texts_are_no_colour() {
        for text in ["", "blue", "#0b57a", "#0b57a4ff", "0b57a4", "#0b57ag", "#éé57"] {
            assert_eq!(Palette::derive(text), Err(PaletteError::NoColor), "{text}");
        }
        for text in ["#ffffff", "#fdfdfd"] {
            assert_eq!(Palette::derive(text), Err(PaletteError::TooLight), "{text}");
        }
    }
}
