//! The stored form of a profile.

use serde::{Deserialize, Serialize};

use crate::{
    Unit,
    run::{Frame, Profile, Stack},
};

#[derive(Serialize, Deserialize)]
pub(super) struct ProfileForm {
    name: String,
    unit: String,
    frames: Vec<FrameForm>,
    /// Numbers of frames, the root first, and the weight.
    stacks: Vec<(Vec<u32>, Option<f64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_out: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct FrameForm {
    function: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

impl From<&Profile> for ProfileForm {
    fn from(profile: &Profile) -> Self {
        let frames = profile.frames.iter().cloned();
        Self {
            name: profile.name.clone(),
            unit: profile.unit.name().to_owned(),
            frames: frames.map(|Frame { function, file, line }| FrameForm { function, file, line }).collect(),
            stacks: profile.stacks.iter().map(|stack| (stack.frames.clone(), Some(stack.weight))).collect(),
            left_out: (profile.left_out > 0.0).then_some(profile.left_out),
        }
    }
}

impl ProfileForm {
    /// `None` if a weight is not finite, or a stack names a frame that is not there.
    pub(super) fn into_profile(self) -> Option<Profile> {
        let frames = self.frames.into_iter();
        let stacks = self.stacks.into_iter().map(|(frames, weight)| Some(Stack { frames, weight: weight? }));
        let profile = Profile {
            name: self.name,
            unit: Unit::named(&self.unit),
            frames: frames.map(|FrameForm { function, file, line }| Frame { function, file, line }).collect(),
            stacks: stacks.collect::<Option<_>>()?,
            left_out: self.left_out.unwrap_or(0.0),
        };
        profile.is_sound().then_some(profile)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
